import { z } from 'zod';
import { agentIdSchema, principalSchema, tenantSchema } from '../../envelope/ids.js';
import { agentSpecSchema } from '../agent-spec.js';
import { limitsSchema } from '../limits.js';

/** Frozen: a new shape is a new version beside this one. */
export const spawningV1 = {
  AgentSpawned: z.strictObject({
    agentId: agentIdSchema,
    rootId: agentIdSchema,
    /** Who pays and may see, and who asked. */
    tenant: tenantSchema,
    principal: principalSchema,
    parentId: agentIdSchema.optional(),
    /** 0 for a root. */
    depth: z.int().nonnegative(),
    spec: agentSpecSchema,
    limits: limitsSchema,
  }),
  /** Tombstone of a reserved child whose parent ended before it was spawned. */
  AgentRefused: z.strictObject({ reason: z.string() }),
  ChildReserved: z.strictObject({
    childId: agentIdSchema,
    /** The parent's own tool call, absent when a client asked. */
    toolCallId: z.string().optional(),
    depth: z.int().positive(),
    spec: agentSpecSchema,
    limits: limitsSchema,
  }),
} as const;
