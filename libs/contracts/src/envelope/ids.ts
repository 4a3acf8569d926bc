import { z } from 'zod';

/** UUIDv7 for agents spawned without a key, UUIDv8 for those whose id is derived. */
export const agentIdSchema = z.uuid().brand<'AgentId'>();
export type AgentId = z.infer<typeof agentIdSchema>;

/** Tenants and principals name streams and subjects, so they hold no dots, spaces or wildcards. */
export const tenantSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
export const principalSchema = z.string().min(1).max(128);

/** Throws when the text is no UUID; for data that has already been validated once. */
export function agentIdOf(text: string): AgentId {
  return agentIdSchema.parse(text);
}
