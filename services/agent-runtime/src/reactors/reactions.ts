import { subjects } from '@skynet/contracts';
import { sleep, type Clock, type Commit, type Logger, type MessageBus } from '@skynet/platform';
import type { RuntimeMetrics } from '../telemetry/runtime-metrics.js';
import { retryDelayMs } from '../runner/retry-policy.js';

/** Tries of one reaction before it is parked in the dead letters. */
const MAX_TRIES = 20;

/** Turns events into commands, with ids derived from the events: doing it twice appends nothing new. */
export interface Reactor {
  readonly name: string;
  /** Undefined when the commit is none of its business. */
  react(commit: Commit): Promise<void> | undefined;
}

/** Runs the reactors over commits, tries again what the world prevented, and knows when all is done. */
export class Reactions {
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly reactors: readonly Reactor[],
    private readonly tools: {
      readonly bus: Pick<MessageBus, 'publish'>;
      readonly clock: Clock;
      readonly log: Logger;
      readonly metrics: Pick<RuntimeMetrics, 'parked'>;
    },
  ) {}

  react(commit: Commit): void {
    for (const reactor of this.reactors) {
      const first = reactor.react(commit);
      if (first === undefined) continue;
      const done = this.seeThrough(reactor, commit, first).finally(() =>
        this.underWay.delete(done),
      );
      this.underWay.add(done);
    }
  }

  /** Resolves when every reaction started until now took effect or was parked. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Never rejects: what can't even be parked is tried for as long as the process lives. */
  private async seeThrough(reactor: Reactor, commit: Commit, first: Promise<void>): Promise<void> {
    let attempt: Promise<void> | undefined = first;
    for (let tries = 1; ; tries += 1) {
      try {
        await attempt;
        return;
      } catch (error) {
        if (tries >= MAX_TRIES && (await this.park(reactor, commit, error))) return;
        await sleep(this.tools.clock, retryDelayMs(tries));
        attempt = reactor.react(commit);
      }
    }
  }

  /** Whether the dead letters took it. */
  private async park(reactor: Reactor, commit: Commit, error: unknown): Promise<boolean> {
    const { bus, log } = this.tools;
    const { name } = reactor;
    const { stream, position } = commit;
    const reason = error instanceof Error ? error.message : String(error);
    try {
      const letter = { stream, position, reason };
      await bus.publish(subjects.deadLetter(`reaction.${name}`), letter);
      this.tools.metrics.parked(name);
      log.error('reaction parked in the dead letters', { name, stream, position, error });
      return true;
    } catch (refusal) {
      log.warn('dead letters out of reach', { name, stream, position, error: refusal });
      return false;
    }
  }
}
