import { isRefused } from '@skynet/kernel';
import type { Commit, EventStore, NewEvent, Position } from '../event-store/event-store.port.js';
import { WrongExpectedRevisionError } from '../event-store/wrong-expected-revision.js';
import { sleep } from '../runtime/clock.js';
import { derivedIds } from '../runtime/ids.js';
import { WorldError } from '../runtime/world-error.js';
import {
  inOneCommit,
  lastMomentOf,
  lastMomentOfAll,
  outcomeOf,
  type Batch,
  type Decided,
  type Execution,
  type Pending,
} from './command-batch.js';
import type { Snapshots } from './snapshots.js';
import { StreamCache, type StreamCacheOptions } from './stream-cache.js';
import type { IdentifiedCommand, Loaded, Origin, Placed, ReadCommit } from './stream-model.js';

export interface CommandHandlerOptions<
  Command extends IdentifiedCommand,
  Event,
  State,
> extends StreamCacheOptions<Command, Event, State> {
  readonly store: EventStore;
  /** Keeps states of long streams. Default: streams are always read from their start. */
  readonly snapshots?: Snapshots<State>;
  /** A number in [0, 1) for the wait between tries. Default: chance. */
  readonly jitter?: () => number;
}

const MAX_TRIES = 8;
const JITTER_MS = 10;

/**
 * Loads, decides, appends. Optimistic concurrency is the only lock: after a lost race the new tail is folded and every
 * command decided again. Commands for one stream that arrive during an append go together in the next one.
 */
export class CommandHandler<Command extends IdentifiedCommand, Event, State> {
  private readonly cache: StreamCache<Command, Event, State>;
  private readonly queues = new Map<string, Pending<Command, Event, State>[]>();

  constructor(private readonly options: CommandHandlerOptions<Command, Event, State>) {
    this.cache = new StreamCache(options);
  }

  /**
   * Carries out one command; a repeat with the same id appends nothing new, so it is safe to retry.
   *
   * @throws WorldError `retry: 'later'` when it is unknown whether the command took effect, or after too many lost races
   */
  async execute(id: string, command: Command, origin: Origin): Promise<Execution<Event, State>> {
    const [execution] = await this.executeTogether(id, [{ command, origin }]);
    if (execution === undefined) throw new Error('a command had no outcome');
    return execution;
  }

  /**
   * Carries out commands on one stream in their order and in one commit: each is decided on what those before it have
   * changed, and one that is refused or changes nothing does not keep the others, but the one that follows it. As safe
   * to retry as each of them.
   *
   * @throws WorldError as `execute`: then it is unknown of all of them
   */
  executeTogether(
    id: string,
    commands: readonly { readonly command: Command; readonly origin: Origin }[],
  ): Promise<Execution<Event, State>[]> {
    const stream = this.options.model.streamOf(id);
    const queue = this.queues.get(stream);
    const together: Pending<Command, Event, State>[] = [];
    const executions = commands.map(
      ({ command, origin }) =>
        new Promise<Execution<Event, State>>((resolve, reject) => {
          together.push({ command, origin, resolve, reject });
        }),
    );
    if (queue !== undefined) queue.push(...together);
    else {
      this.queues.set(stream, together);
      void this.drain(stream);
    }
    return Promise.all(executions);
  }

  /** The newest state of the stream, or one that is at least as new as `revision`. Safe to retry. */
  async load(id: string, revision?: number): Promise<Loaded<State>> {
    const stream = this.options.model.streamOf(id);
    return revision === undefined
      ? this.cache.refresh(stream)
      : this.cache.atLeast(stream, revision);
  }

  /** The state as far as it is known here; may be behind the log. */
  known(id: string): Loaded<State> | undefined {
    return this.cache.cached(this.options.model.streamOf(id));
  }

  /** Keeps cached states near the log; call it with every commit of the log reader. */
  observe(commit: ReadCommit<Event>): void {
    if (!this.queues.has(commit.stream)) this.cache.observe(commit);
  }

  /** As `observe`, with a commit that nobody has read. @throws what the model's `read` throws */
  take({ events, stream }: Commit): readonly Placed<Event>[] {
    const { model } = this.options;
    const read = events.map((stored) => ({ ...model.read(stored), revision: stored.revision }));
    this.observe({ stream, events: read });
    return read;
  }

  /** Nothing is known of the stream any more: it was deleted. */
  forget(id: string): void {
    this.cache.forget(this.options.model.streamOf(id));
  }

  private async drain(stream: string): Promise<void> {
    for (;;) {
      const batch = this.queues.get(stream) ?? [];
      if (batch.length === 0) {
        this.queues.delete(stream);
        return;
      }
      this.queues.set(stream, []);
      try {
        await this.commit(stream, batch);
      } catch (error) {
        this.cache.forget(stream);
        for (const { reject } of batch) reject(error);
      }
    }
  }

  private async commit(
    stream: string,
    pending: readonly Pending<Command, Event, State>[],
  ): Promise<void> {
    let { before, isNewest } = await this.firstGuess(stream, pending);
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const batch = this.decideAll(before, pending);
      if (batch.hasIdle && !isNewest) {
        before = await this.cache.refresh(stream);
        isNewest = true;
        if (before.revision !== batch.after.revision - batch.events.length) continue;
      }
      if (await this.append(stream, before, batch)) return;
      await this.pauseBefore(tries);
      before = await this.cache.refresh(stream);
      isNewest = true;
    }
    throw new WorldError(`${stream}: ${MAX_TRIES} appends lost the race`, 'later');
  }

  /** What to decide on first: what is known here, or nothing for a stream that is about to begin; else the newest. */
  private async firstGuess(
    stream: string,
    pending: readonly Pending<Command, Event, State>[],
  ): Promise<{ before: Loaded<State>; isNewest: boolean }> {
    const cached = this.cache.cached(stream);
    if (cached !== undefined) return { before: cached, isNewest: false };
    const begins = pending[0] !== undefined && this.options.model.begins(pending[0].command);
    if (begins) return { before: this.cache.nothing, isNewest: false };
    return { before: await this.cache.refresh(stream), isNewest: true };
  }

  private decideAll(
    before: Loaded<State>,
    pending: readonly Pending<Command, Event, State>[],
  ): Batch<Command, Event, State> {
    const { decider } = this.options.model;
    const decided: Decided<Command, Event, State>[] = [];
    const events: NewEvent[] = [];
    let { state } = before;
    for (const entry of pending) {
      const isAlone = entry.command.follows === true && !decided.at(-1)?.events.length;
      if (isAlone || this.options.clock.monotonicMs() > lastMomentOf(entry)) {
        decided.push({ pending: entry, events: [] });
        continue;
      }
      const decision = decider.decide(entry.command, state);
      if (isRefused(decision)) {
        decided.push({ pending: entry, events: [], refused: decision.refused });
        continue;
      }
      const idOf = derivedIds(entry.command.id, before.revision);
      decision.events.forEach((event, index) => {
        state = decider.evolve(state, event);
        events.push(this.newEvent(idOf(index), { event, state, entry }));
      });
      decided.push({ pending: entry, events: decision.events });
    }
    return {
      decided,
      events: inOneCommit(events),
      after: { state, revision: before.revision + events.length },
      hasIdle: decided.some((one) => one.events.length === 0),
    };
  }

  private newEvent(
    id: string,
    from: { event: Event; state: State; entry: Pending<Command, Event, State> },
  ): NewEvent {
    const { event, state, entry } = from;
    const { metadata, ...written } = this.options.model.write(event, state, entry.origin);
    return {
      ...written,
      id,
      timeMs: this.options.clock.nowMs(),
      metadata: { ...metadata, commit: { id: '', index: 0, size: 1 } },
    };
  }

  /** False when somebody else appended first. */
  private async append(
    stream: string,
    before: Loaded<State>,
    batch: Batch<Command, Event, State>,
  ): Promise<boolean> {
    const { after, decided, events } = batch;
    let position: Position | undefined;
    if (events.length > 0) {
      const expected = before.revision < 0 ? 'no-stream' : before.revision;
      try {
        const lastMomentMs = lastMomentOfAll(decided);
        ({ position } = await this.options.store.append(stream, events, expected, {
          lastMomentMs,
        }));
      } catch (error) {
        if (error instanceof WrongExpectedRevisionError) return false;
        throw error;
      }
      this.cache.keep(stream, after);
      const eventId = events.at(-1)?.id ?? '';
      this.options.snapshots?.appended(stream, before.revision, { ...after, eventId });
    }
    for (const one of decided) one.pending.resolve({ ...after, ...outcomeOf(one, position) });
    return true;
  }

  private async pauseBefore(tries: number): Promise<void> {
    if (tries === 1) return;
    const jitter = this.options.jitter ?? Math.random;
    await sleep(this.options.clock, jitter() * JITTER_MS * tries);
  }
}
