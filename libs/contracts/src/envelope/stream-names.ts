import { agentIdOf, type AgentId } from './ids.js';

const AGENT_PREFIX = 'agent-';

export const streamNames = {
  agentPrefix: AGENT_PREFIX,
  agent: (agentId: AgentId) => `${AGENT_PREFIX}${agentId}`,
} as const;

/** Undefined for a stream that is no agent's. */
export function agentIdOfStream(stream: string): AgentId | undefined {
  return stream.startsWith(AGENT_PREFIX) ? agentIdOf(stream.slice(AGENT_PREFIX.length)) : undefined;
}
