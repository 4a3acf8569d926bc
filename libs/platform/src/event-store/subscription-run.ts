import type { Logger } from '../runtime/logger.js';
import { WorldError } from '../runtime/world-error.js';
import type {
  Commit,
  CommitHandler,
  Damage,
  DamageHandler,
  SubscribeOptions,
  Subscription,
} from './event-store.port.js';

/** What a subscription meets on its way along the log. */
export interface LogStep {
  readonly commit?: Commit;
  /** What stands in place of a commit. */
  readonly damage?: Damage;
  /** Everything that was in the log at the time of subscribing lies behind this step. */
  readonly caughtUp: boolean;
}

/** Who is told of what a subscription meets. */
export interface LogHandlers {
  readonly onCommit: CommitHandler;
  readonly onDamaged: DamageHandler;
}

/** The handlers of a subscription; damage that nobody asked for is logged. */
export function handlersOf(
  { onDamaged }: SubscribeOptions,
  onCommit: CommitHandler,
  log: Logger,
): LogHandlers {
  const passOver = (damage: Damage) =>
    log.warn('the log holds what is no commit, passed over', { ...damage });
  return { onCommit, onDamaged: onDamaged ?? passOver };
}

/**
 * Hands commits to the handlers one at a time until the steps end or a handler throws. After `endSteps` the steps must
 * end without another commit.
 */
export function runSubscription(
  steps: AsyncIterable<LogStep>,
  endSteps: () => void,
  handlers: LogHandlers,
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
        if (step.damage) await handlers.onDamaged(step.damage);
        if (step.commit) await handlers.onCommit(step.commit);
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
