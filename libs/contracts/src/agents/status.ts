import { z } from 'zod';

const terminalStatuses = ['completed', 'failed', 'terminated', 'expired', 'exhausted'] as const;

export type EndStatus = (typeof terminalStatuses)[number];

/** What a reader sees; `paused` stands in front of queued, running and waiting. */
export const agentStatusSchema = z.enum([
  'queued',
  'running',
  'waiting',
  'paused',
  ...terminalStatuses,
]);
export type AgentStatus = z.infer<typeof agentStatusSchema>;

export function isEnd(status: AgentStatus): status is EndStatus {
  return (terminalStatuses as readonly string[]).includes(status);
}

/** A typed failure: why, whether trying again may help, and what was done until then. */
export const failureSchema = z.strictObject({
  reason: z.string(),
  message: z.string(),
  retryable: z.boolean(),
});
export type Failure = z.infer<typeof failureSchema>;
