import { agentIdOfStream, streamNames, subjects, type AgentRow } from '@skynet/contracts';
import {
  faultOf,
  sleep,
  WorldError,
  type Clock,
  type Commit,
  type Logger,
  type MessageBus,
  type StreamFault,
} from '@skynet/platform';
import type { AgentCommit } from '../log/agent-commit.js';
import type { LogConsumer } from '../log/log-consumer.js';
import type { RuntimeMetrics } from '../telemetry/runtime-metrics.js';
import { retryDelayMs } from '../pacing/retry-policy.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';

/** Tries of one reaction before it is parked in the dead letters. */
const MAX_TRIES = 20;

/** What a reactor gets of a commit. */
export type ReactedCommit = Pick<AgentCommit, 'stream' | 'revision' | 'events'>;

/** Turns events into commands, with ids derived from the events: doing it twice appends nothing new. */
export interface Reactor {
  readonly name: string;
  /** Undefined when the commit is none of its business. */
  react(commit: ReactedCommit): Promise<void> | undefined;
  /** Leaves nothing to others any more: this process ends. */
  hurry?(): void;
  /** The agent's stream can't be read beyond this row. */
  reactToFault?(row: AgentRow): Promise<void> | undefined;
  /** The agent's stream can be read again up to this row. */
  reactToReturn?(row: AgentRow): Promise<void> | undefined;
}

/** What is reacted to, for a person who finds it parked. */
type Occasion = Pick<Commit, 'stream'> & Partial<Pick<Commit, 'position'>>;

type Attempt = () => Promise<void> | undefined;

/**
 * Runs the reactors over commits and knows when all is done. What the world prevents is tried again; a bug would come
 * again, so it is parked at once, for a person to look at.
 */
export class Reactions implements LogConsumer {
  readonly onLeaderOnly = true;
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly reactors: readonly Reactor[],
    private readonly tools: {
      readonly index: Pick<AgentIndex, 'get'>;
      readonly bus: Pick<MessageBus, 'publish'>;
      readonly clock: Clock;
      readonly log: Logger;
      readonly metrics: Pick<RuntimeMetrics, 'parked'>;
    },
  ) {}

  handle(commit: ReactedCommit & Occasion): void {
    for (const reactor of this.reactors) this.begin(reactor, commit, () => reactor.react(commit));
  }

  handleFault({ stream }: StreamFault): void {
    const agentId = agentIdOfStream(stream);
    const row = agentId === undefined ? undefined : this.tools.index.get(agentId);
    if (row === undefined) return;
    for (const reactor of this.reactors) {
      this.begin(reactor, { stream }, () => reactor.reactToFault?.(row));
    }
  }

  /** The agent's stream can be read again, up to this row; these events were not reacted to. */
  handleReturn(row: AgentRow, events: AgentCommit['events']): void {
    const { agentId, revision } = row;
    const occasion = { stream: streamNames.agent(agentId) };
    this.handle({ ...occasion, revision, events });
    for (const reactor of this.reactors) {
      this.begin(reactor, occasion, () => reactor.reactToReturn?.(row));
    }
  }

  /** Nothing is waited for that others may do: what is under way ends soon. */
  hurry(): void {
    for (const reactor of this.reactors) reactor.hurry?.();
  }

  /** Resolves when every reaction started until now took effect or was parked. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private begin({ name }: Reactor, occasion: Occasion, attempt: Attempt): void {
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
    { first, attempt }: { first: Promise<void>; attempt: Attempt },
  ): Promise<void> {
    let current: Promise<void> | undefined = first;
    for (let tries = 1; ; tries += 1) {
      try {
        await current;
        return;
      } catch (error) {
        if (await this.isOver(name, occasion, { error, tries })) return;
        await sleep(this.tools.clock, retryDelayMs(tries));
        current = attempt();
      }
    }
  }

  /** Whether trying again is of no use. */
  private async isOver(
    name: string,
    occasion: Occasion,
    { error, tries }: { error: unknown; tries: number },
  ): Promise<boolean> {
    const fault = faultOf(error);
    if (fault !== undefined) {
      // Who reads the log tells of it, and of its end: nothing can be done to that agent until then.
      this.tools.log.debug('reaction dropped', { name, ...occasion, fault });
      return true;
    }
    const isOfWorld = error instanceof WorldError && error.retry === 'later';
    const mayHelp = isOfWorld && tries < MAX_TRIES;
    return !mayHelp && (await this.park(name, occasion, error));
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
