import type { AgentEventData } from '@skynet/contracts';
import type { Board } from '../agent/agent-state.js';

/** One on which nobody has written. */
export const emptyBoard: Board = { version: 0, keys: [], turns: [] };

/** Number of the model call whose answer asked for that call. */
export function turnOf(toolCallId: string): number {
  return Number(/^m(\d+)_/.exec(toolCallId)?.[1] ?? 0);
}

export function boardWritten(
  { keys, turns }: Board = emptyBoard,
  { key, version, value, by, toolCallId }: AgentEventData<'BoardWritten'>,
): Board {
  const others = keys.filter((known) => known.key !== key);
  const turn = turnOf(toolCallId);
  const before = turns.find(({ agentId }) => agentId === by);
  const earlier = before?.turn === turn ? before.writes : [];
  const own = { agentId: by, turn, writes: [...earlier, { toolCallId, version }] };
  return {
    version,
    keys: value === undefined ? others : [...others, { key, version, value, by }],
    turns: [...turns.filter((known) => known !== before), own],
  };
}
