import { z } from 'zod';
import { agentId, limits, principal, tenant } from './parts-v1.js';
import { specV1 } from './spec-v1.js';

/** Frozen: a new shape is a new version beside this one. */
export const spawningV1 = {
  AgentSpawned: z.strictObject({
    agentId,
    rootId: agentId,
    /** Who pays and may see, and who asked. */
    tenant,
    principal,
    parentId: agentId.optional(),
    /** 0 for a root. */
    depth: z.int().nonnegative(),
    spec: specV1,
    limits,
  }),
  /** Tombstone of a reserved child whose parent ended before it was spawned. */
  AgentRefused: z.strictObject({ reason: z.string() }),
  ChildReserved: z.strictObject({
    childId: agentId,
    /** The parent's own tool call, absent when a client asked. */
    toolCallId: z.string().optional(),
    depth: z.int().positive(),
    spec: specV1,
    limits,
  }),
} as const;
