import { WorldError } from '../runtime/world-error.js';
import type { Commit, CommitHandler, Subscription } from './event-store.port.js';

/** What a subscription meets on its way along the log. */
export interface LogStep {
  readonly commit?: Commit;
  /** Everything that was in the log at the time of subscribing lies behind this step. */
  readonly caughtUp: boolean;
}

/**
 * Hands commits to the handler one at a time until the steps end or the handler throws. After `endSteps` the steps must
 * end without another commit.
 */
export function runSubscription(
  steps: AsyncIterable<LogStep>,
  endSteps: () => void,
  handler: CommitHandler,
): Subscription {
  let reached = (): void => undefined;
  let missed: (error: unknown) => void = () => undefined;
  const caughtUp = new Promise<void>((resolve, reject) => {
    reached = resolve;
    missed = reject;
  });
  // Who waits for `closed` only must not be hit by an unhandled rejection of the other promise.
  caughtUp.catch(() => undefined);

  async function run(): Promise<void> {
    try {
      for await (const step of steps) {
        if (step.commit) await handler(step.commit);
        if (step.caughtUp) reached();
      }
      missed(new WorldError('the subscription was stopped before it had caught up', 'later'));
    } catch (error) {
      missed(error);
      throw error;
    } finally {
      endSteps();
    }
  }

  const closed = run();
  return {
    caughtUp,
    closed,
    async stop() {
      endSteps();
      await closed.catch(() => undefined);
    },
  };
}
