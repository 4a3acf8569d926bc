import { dataOfAgentEvent, type AgentEventData, type AgentEventType } from '@skynet/contracts';
import type { CausedEvent } from '../evolution/evolve.js';

/** An agent event as it stands in a log. */
export type LoggedEvent = CausedEvent & {
  readonly revision: number;
  readonly timeMs: number;
  /** Absent where only the events of a log were kept: then decisions are told apart by their outcome. */
  readonly commitId?: string;
};

/** The events from one on that a single command may have caused. */
export interface DecisionEvents {
  readonly events: readonly LoggedEvent[];
  /** Whether the command caused all of them; else it caused the first ones. */
  readonly isWhole: boolean;
}

/** The events of the decision that begins at the index: of one commit and one cause, as far as the log knows both. */
export function decisionAt(events: readonly LoggedEvent[], index: number): DecisionEvents {
  const first = events[index];
  if (first?.commitId === undefined) return { events: events.slice(index), isWhole: false };
  let end = index + 1;
  while (belongsTo(first, events[end])) end += 1;
  return { events: events.slice(index, end), isWhole: true };
}

function belongsTo(first: LoggedEvent, event: LoggedEvent | undefined): boolean {
  return event?.commitId === first.commitId && event?.causationId === first.causationId;
}

/** The events that surely belong to the decision: of logs that tell no commits, the first alone. */
export function commitOf({ events, isWhole }: DecisionEvents): readonly LoggedEvent[] {
  return isWhole ? events : events.slice(0, 1);
}

/** Data of the first event of that type that fits. */
export function findData<Type extends AgentEventType>(
  events: readonly LoggedEvent[],
  type: Type,
  fits: (data: AgentEventData<Type>) => boolean = () => true,
): AgentEventData<Type> | undefined {
  return events
    .map((event) => dataOfAgentEvent(event, type))
    .find((data) => data !== undefined && fits(data));
}
