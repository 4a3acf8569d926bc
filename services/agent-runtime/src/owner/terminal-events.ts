import type { StoredEvent } from '@skynet/platform';

const ENDS: ReadonlySet<string> = new Set([
  'AgentCompleted',
  'AgentFailed',
  'AgentTerminated',
  'AgentExpired',
  'AgentExhausted',
]);

export function endsAgent(event: Pick<StoredEvent, 'type'>): boolean {
  return ENDS.has(event.type);
}
