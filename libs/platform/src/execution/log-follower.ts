import type {
  Commit,
  CommitHandler,
  Damage,
  EventStore,
  Position,
  StreamFault,
  Subscription,
} from '../event-store/event-store.port.js';
import { faultOf, faultOfDamage } from '../event-store/stream-fault.js';
import { sleep, type Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { WorldError } from '../runtime/world-error.js';
import type { StreamsSetAside } from './streams-set-aside.js';

export interface LogFollowerOptions {
  readonly store: EventStore;
  /** Only streams whose name starts with this. */
  readonly prefix: string;
  /** As `SubscribeOptions.ownAsSent`. */
  readonly ownAsSent?: boolean;
  /** Called with each commit in order. May see a commit again after a restart. */
  readonly handle: CommitHandler;
  /** Takes the streams in which something can't be read: no commit of ours, or one of which `handle` says so. */
  readonly setAside: StreamsSetAside;
  /** Called then, in the order of the log; may see the same again after a restart. */
  readonly onFault?: (fault: StreamFault, position: Position) => void;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when the handler has a bug; the log can't be followed past it. */
  readonly onBug: (error: unknown) => void;
}

const RESUBSCRIBE_MS = 500;

/** Reads the log and goes on reading: over lost connections by itself, from another place when told. */
export class LogFollower {
  private subscription: Subscription | undefined;
  private handled: Position | undefined;
  private generation = 0;
  /** Settled when the start that is in force has caught up, or can't any more. */
  private catchUp = catchingUp();

  constructor(private readonly options: LogFollowerOptions) {}

  /** Place of the last commit that was handled, or of damage that was set aside. */
  get position(): Position | undefined {
    return this.handled;
  }

  /** Resolves when all that is in the log now has been handled, however often reading broke off. Replaces an earlier start. */
  async start(after?: Position): Promise<void> {
    await this.stop();
    this.handled = after;
    this.generation += 1;
    this.catchUp = catchingUp();
    const { promise } = this.catchUp;
    await this.subscribe(after);
    await promise;
  }

  async stop(): Promise<void> {
    this.generation += 1;
    const { subscription } = this;
    this.subscription = undefined;
    await subscription?.stop();
    this.catchUp.reject(new WorldError('stopped before it had caught up with the log', 'later'));
  }

  private async subscribe(after: Position | undefined): Promise<void> {
    const { generation } = this;
    const { resolve } = this.catchUp;
    const { store, prefix, ownAsSent = false } = this.options;
    const onDamaged = (damage: Damage) => {
      if (generation !== this.generation) return;
      this.setAside(faultOfDamage(damage), damage.position);
      this.handled = damage.position;
    };
    const subscription = await store.subscribe(
      { after, prefix, ownAsSent, onDamaged },
      async (commit) => {
        if (generation !== this.generation) return;
        await this.take(commit);
        this.handled = commit.position;
      },
    );
    if (generation !== this.generation) return subscription.stop();
    this.subscription = subscription;
    subscription.caughtUp.then(resolve, () => undefined);
    subscription.closed.catch((error: unknown) => this.recover(generation, error));
  }

  /** What can't be read of one stream is that stream's trouble, never that of those behind it in the log. */
  private async take(commit: Commit): Promise<void> {
    try {
      await this.options.handle(commit);
    } catch (error) {
      const fault = faultOf(error);
      if (fault?.stream !== commit.stream) throw error;
      this.setAside(fault, commit.position);
    }
  }

  private setAside(fault: StreamFault, position: Position): void {
    this.options.setAside.add(fault);
    this.options.onFault?.(fault, position);
  }

  private async recover(generation: number, error: unknown): Promise<void> {
    if (generation !== this.generation) return;
    if (!(error instanceof WorldError) || faultOf(error) !== undefined) {
      this.catchUp.reject(error);
      this.options.onBug(error);
      return;
    }
    this.options.log.warn('the log can not be read, trying again', { error });
    await sleep(this.options.clock, RESUBSCRIBE_MS);
    if (generation !== this.generation) return;
    await this.subscribe(this.handled).catch((again: unknown) => this.recover(generation, again));
  }
}

function catchingUp(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>();
  // Nobody may be waiting for it.
  resolvers.promise.catch(() => undefined);
  return resolvers;
}
