import { deepStrictEqual, fail, strictEqual } from 'node:assert/strict';
import { fold, isRefused, type Decider, type Decision } from '@skynet/kernel';

export interface WhenDecided<Event, State> {
  /** Exactly these events, all fields. */
  then(...expected: readonly Event[]): void;
  /** Accepted, and nothing had to happen. */
  changesNothing(): void;
  rejects(code: string): void;
  /** For rules about a few of the events. */
  thenEvents(check: (events: readonly Event[]) => void): void;
  /** For rules about the state that the decision leads to. */
  thenState(check: (state: State) => void): void;
}

export interface GivenEvents<Command, Event, State> {
  when(command: Command): WhenDecided<Event, State>;
}

/**
 * Specifications of a decider: given events, when a command, then events or a rejection. `comparable` takes away what a
 * rule is not about, such as the id of the causing command.
 */
export function specifications<Command, Event, State>(
  decider: Decider<Command, Event, State>,
  comparable: (event: Event) => unknown = (event) => event,
) {
  return {
    given(...events: readonly Event[]): GivenEvents<Command, Event, State> {
      const before = fold(decider, events);
      return { when: (command) => decided(decider.decide(command, before), before) };
    },
  };

  function decided(decision: Decision<Event>, before: State): WhenDecided<Event, State> {
    return {
      then: (...expected) => {
        deepStrictEqual(accepted(decision).map(comparable), expected.map(comparable));
      },
      changesNothing: () => deepStrictEqual(accepted(decision), []),
      rejects: (code) => {
        if (!isRefused(decision)) fail(`expected ${code}, was accepted`);
        strictEqual(decision.refused.code, code);
      },
      thenEvents: (check) => check(accepted(decision)),
      thenState: (check) => check(fold(decider, accepted(decision), before)),
    };
  }
}

function accepted<Event>(decision: Decision<Event>): readonly Event[] {
  if (isRefused(decision)) fail(`rejected: ${JSON.stringify(decision.refused)}`);
  return decision.events;
}
