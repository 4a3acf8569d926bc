import { z } from 'zod';
import { rejectionSchema } from '../errors/codes.js';
import { clientContextSchema } from './client-context.js';
import { principalSchema, tenantSchema } from './ids.js';

/** Header that names the inbox which waits for the answer to a durable command. */
export const REPLY_HEADER = 'Skynet-Reply';

/** Time a command stays valid unless its sender says otherwise, milliseconds. */
export const COMMAND_VALID_MS = 2_000;

/** What every command carries beside its data. The same id sent again is the same command. */
export const commandEnvelopeSchema = z.object({
  id: z.string().min(1).max(200),
  type: z.string(),
  tenant: tenantSchema,
  principal: principalSchema,
  /** Epoch milliseconds; a handler drops the command when it is later. */
  notAfterMs: z.int().positive(),
  traceparent: z.string().optional(),
  /** Of a client that makes an agent; one that is wrong counts as none. */
  context: clientContextSchema.optional().catch(undefined),
  data: z.unknown(),
});
export type CommandEnvelope = z.infer<typeof commandEnvelopeSchema>;

export const commandReplySchema = z.discriminatedUnion('ok', [
  z.object({
    id: z.string(),
    ok: z.literal(true),
    agentId: z.string(),
    rootId: z.string(),
    status: z.string(),
    /** Revision of the agent's stream after the command. */
    revision: z.int(),
    /** Opaque place in the log; absent when nothing had to be appended. */
    position: z.string().optional(),
    /** Parts of the client's context that are not kept, each with the reason; absent when there are none. */
    contextLeftOut: z.array(z.string()).optional(),
  }),
  z.object({ id: z.string(), ok: z.literal(false), error: rejectionSchema }),
]);
export type CommandReply = z.infer<typeof commandReplySchema>;
