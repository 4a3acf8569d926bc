import { streamNames, subjects, type AgentRow } from '@skynet/contracts';
import {
  faultOf,
  sleep,
  type Clock,
  type Commit,
  type Logger,
  type MessageBus,
} from '@skynet/platform';
import type { RuntimeMetrics } from '../telemetry/runtime-metrics.js';
import { retryDelayMs } from '../pacing/retry-policy.js';

/** Tries of one reaction before it is parked in the dead letters. */
const MAX_TRIES = 20;

/** Turns events into commands, with ids derived from the events: doing it twice appends nothing new. */
export interface Reactor {
  readonly name: string;
  /** Undefined when the commit is none of its business. */
  react(commit: Commit): Promise<void> | undefined;
  /** The agent's stream can't be read beyond this row. */
  reactToFault?(row: AgentRow): Promise<void> | undefined;
  /** The agent's stream can be read again up to this row. */
  reactToReturn?(row: AgentRow): Promise<void> | undefined;
}

/** What is reacted to, for a person who finds it parked. */
type Occasion = Pick<Commit, 'stream'> & Partial<Pick<Commit, 'position'>>;

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
    for (const reactor of this.reactors) this.begin(reactor, commit, () => reactor.react(commit));
  }

  reactToFault(row: AgentRow): void {
    const occasion = { stream: streamNames.agent(row.agentId) };
    for (const reactor of this.reactors) {
      this.begin(reactor, occasion, () => reactor.reactToFault?.(row));
    }
  }

  reactToReturn(row: AgentRow): void {
    const occasion = { stream: streamNames.agent(row.agentId) };
    for (const reactor of this.reactors) {
      this.begin(reactor, occasion, () => reactor.reactToReturn?.(row));
    }
  }

  /** Resolves when every reaction started until now took effect or was parked. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private begin(
    { name }: Reactor,
    occasion: Occasion,
    attempt: () => Promise<void> | undefined,
  ): void {
    const first = attempt();
    if (first === undefined) return;
    const done = this.seeThrough(name, occasion, { first, attempt }).finally(() =>
      this.underWay.delete(done),
    );
    this.underWay.add(done);
  }

  /** Never rejects: what can't even be parked is tried for as long as the process lives. */
  private async seeThrough(
    name: string,
    occasion: Occasion,
    { first, attempt }: { first: Promise<void>; attempt: () => Promise<void> | undefined },
  ): Promise<void> {
    let current: Promise<void> | undefined = first;
    for (let tries = 1; ; tries += 1) {
      try {
        await current;
        return;
      } catch (error) {
        const fault = faultOf(error);
        if (fault !== undefined) {
          // Who reads the log tells of it, and of its end: nothing can be done to that agent until then.
          this.tools.log.debug('reaction dropped', { name, ...occasion, fault });
          return;
        }
        if (tries >= MAX_TRIES && (await this.park(name, occasion, error))) return;
        await sleep(this.tools.clock, retryDelayMs(tries));
        current = attempt();
      }
    }
  }

  /** Whether the dead letters took it. */
  private async park(
    name: string,
    { stream, position }: Occasion,
    error: unknown,
  ): Promise<boolean> {
    const { bus, log } = this.tools;
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
