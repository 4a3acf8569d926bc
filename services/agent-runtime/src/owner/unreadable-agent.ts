import { rejection, type AgentId, type AgentRow, type ErrorCode } from '@skynet/contracts';
import type { Rejection } from '@skynet/kernel';
import type { StreamFault } from '@skynet/platform';

/** What a caller is told of an agent whose stream can't be read on. */
export function unreadableAgent(
  agentId: AgentId,
  { place, reason, isNewer }: Pick<StreamFault, 'place' | 'reason' | 'isNewer'>,
): Rejection<ErrorCode> {
  if (isNewer) {
    return rejection('NEWER_LOG', `${agentId} is held at ${place}: ${reason}.`);
  }
  return rejection('DAMAGED_LOG', `The log of ${agentId} is damaged at ${place}: ${reason}.`);
}

/** As of an agent that never was, when it is not the tenant's. */
export function unreadableTo(
  tenant: string,
  agentId: AgentId,
  { row, fault }: { readonly row: AgentRow | undefined; readonly fault: StreamFault },
): Rejection<ErrorCode> {
  if (row?.tenant === tenant) return unreadableAgent(agentId, fault);
  return rejection('AGENT_NOT_FOUND', `There is no agent ${agentId}.`);
}
