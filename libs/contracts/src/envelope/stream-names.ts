import { agentIdSchema, type AgentId } from './ids.js';

const AGENT_PREFIX = 'agent-';
const AUDIT_PREFIX = 'audit-';
const PRINCIPAL_PREFIX = 'principal-';
const SCHEDULE_PREFIX = 'schedule-';
const TENANT_PREFIX = 'tenant-';

export const streamNames = {
  agentPrefix: AGENT_PREFIX,
  agent: (agentId: AgentId) => `${AGENT_PREFIX}${agentId}`,
  auditPrefix: AUDIT_PREFIX,
  /** A part of the audit chain, from 0. */
  audit: (part: number) => `${AUDIT_PREFIX}${part}`,
  principalPrefix: PRINCIPAL_PREFIX,
  principal: (principal: string) => `${PRINCIPAL_PREFIX}${principal}`,
  schedulePrefix: SCHEDULE_PREFIX,
  /** Ticks of a schedule by which agents are spawned. */
  schedule: (scheduleId: string) => `${SCHEDULE_PREFIX}${scheduleId}`,
  tenantPrefix: TENANT_PREFIX,
  /** Quotas of a tenant. */
  tenant: (tenant: string) => `${TENANT_PREFIX}${tenant}`,
} as const;

/** Categories of streams that auth writes: where the log is in NATS they have a log of their own. */
export const authLogCategories: readonly string[] = ['principal', 'audit'];

/** The stream that was asked about last: all who are handed a commit ask about the same one. */
let last: { readonly stream: string; readonly agentId: AgentId | undefined } | undefined;

/** Undefined for a stream that is no agent's. */
export function agentIdOfStream(stream: string): AgentId | undefined {
  if (!stream.startsWith(AGENT_PREFIX)) return undefined;
  if (last?.stream === stream) return last.agentId;
  const agentId = agentIdSchema.safeParse(stream.slice(AGENT_PREFIX.length)).data;
  last = { stream, agentId };
  return agentId;
}
