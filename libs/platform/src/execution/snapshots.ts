import { buckets } from '@skynet/contracts';
import { within, type Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { StateStore, StateStores } from '../state/state-store.port.js';
import type { Loaded } from './stream-model.js';

/** Bucket of the states of long streams. */
export const SNAPSHOTS = buckets.snapshots.bucket;

/** A state as plain data. A page never changes once it is there: later states of the generation have the same. */
export interface SnapshotParts {
  readonly head: unknown;
  readonly pages: readonly unknown[];
  /** States of another one have other pages. Default: 0. */
  readonly generation?: number;
}

/** How states of one kind of stream become snapshots. */
export interface SnapshotModel<State> {
  /** Names the shape of the states and the rules that fold them; snapshots of another schema are not read. */
  readonly schema: string;
  /** Whether hardly anything comes after this state: its stream needs no snapshot any more. */
  isOver(state: State): boolean;
  take(state: State): SnapshotParts;
  /** @throws Error when these are not the parts of one state */
  restore(parts: SnapshotParts): State;
}

/** A state, with the event of the log that it was folded up to. */
export interface Snapshot<State> extends Loaded<State> {
  readonly eventId: string;
}

interface StoredHead {
  readonly schema: string;
  readonly revision: number;
  readonly eventId: string;
  readonly pages: number;
  /** Default: 0. */
  readonly generation?: number;
  readonly head: unknown;
}

interface StoredPage {
  /** Of the states, and the generation. */
  readonly schema: string;
  readonly page: unknown;
}

export type SnapshotValue = StoredHead | StoredPage;

export interface SnapshotsOptions<State> {
  readonly states: Pick<StateStores, 'open'>;
  readonly model: SnapshotModel<State>;
  readonly clock: Clock;
  readonly log: Logger;
}

const EVERY_EVENTS = 200;
/** A snapshot only saves time: it is not waited for longer. */
const LOAD_LIMIT_MS = 1_000;

/**
 * States of long streams, so that loading one reads the end of its stream only. Derived and never trusted: what is
 * missing, damaged or of another schema is as if it were not there.
 */
export class Snapshots<State> {
  constructor(private readonly options: SnapshotsOptions<State>) {}

  /** The newest snapshot of the stream; undefined when there is none that can be used. Never rejects. */
  async load(stream: string): Promise<Snapshot<State> | undefined> {
    const { clock, log } = this.options;
    const late = () => new Error(`no answer in ${LOAD_LIMIT_MS} ms`);
    try {
      return await within(clock, LOAD_LIMIT_MS, this.read(stream), late);
    } catch (error) {
      log.debug('snapshot ignored', { stream, error });
      return undefined;
    }
  }

  /** To be called after each append; returns at once, and keeps the state every 200 events. */
  appended(stream: string, before: number, after: Snapshot<State>): void {
    const isOver = this.options.model.isOver(after.state);
    const isDue = countOf(after.revision) > (isOver ? 0 : countOf(before));
    if (isDue) setImmediate(() => void (isOver ? this.drop(stream) : this.save(stream, after)));
  }

  /** Keeps the state unless a newer one is kept. Never rejects; safe to repeat. */
  async save(stream: string, snapshot: Snapshot<State>): Promise<void> {
    try {
      await this.write(stream, snapshot);
    } catch (error) {
      const { revision } = snapshot;
      this.options.log.debug('snapshot not kept', { stream, revision, error });
    }
  }

  /** Removes what is kept of the stream. Never rejects; safe to repeat. */
  async drop(stream: string): Promise<void> {
    try {
      const bucket = await this.open();
      const head = await bucket.get(stream);
      if (head === undefined) return;
      await bucket.delete(stream);
      const { pages } = head.value as StoredHead;
      await deletePages(bucket, stream, { from: 0, to: pages });
    } catch (error) {
      this.options.log.debug('snapshot not dropped', { stream, error });
    }
  }

  private async write(stream: string, { revision, eventId, state }: Snapshot<State>) {
    const { model } = this.options;
    const { schema } = model;
    const bucket = await this.open();
    const stored = await bucket.get(stream);
    const known = stored?.value as StoredHead | undefined;
    if (known !== undefined && known.revision > revision) return;
    const { head, pages, generation = 0 } = model.take(state);
    const ofPages = pageSchema(schema, generation);
    const kept = keptPages(known, ofPages);
    for (const [index, page] of pages.entries()) {
      if (index >= kept) await bucket.put(pageKey(stream, index), { schema: ofPages, page });
    }
    const value = { schema, revision, eventId, pages: pages.length, generation, head };
    await bucket.put(stream, value, stored?.revision ?? 'absent');
    if (known !== undefined) {
      await deletePages(bucket, stream, { from: pages.length, to: known.pages });
    }
  }

  private async read(stream: string): Promise<Snapshot<State> | undefined> {
    const { model } = this.options;
    const bucket = await this.open();
    const entry = await bucket.get(stream);
    if (entry === undefined) return undefined;
    const { schema, revision, eventId, pages, generation, head } = entry.value as StoredHead;
    if (schema !== model.schema) throw new Error('it has another schema');
    const ofPages = pageSchema(schema, generation);
    try {
      const read = await Promise.all(
        Array.from({ length: pages }, (_, index) =>
          this.page(bucket, pageKey(stream, index), ofPages),
        ),
      );
      return { state: model.restore({ head, pages: read }), revision, eventId };
    } catch (error) {
      // Else the next snapshot would build on the same pages.
      await bucket.delete(stream, entry.revision);
      throw error;
    }
  }

  private async page(
    bucket: StateStore<SnapshotValue>,
    key: string,
    schema: string,
  ): Promise<unknown> {
    const stored = (await bucket.get(key))?.value as StoredPage | undefined;
    if (stored?.schema !== schema) throw new Error(`${key} is not there`);
    return stored.page;
  }

  private open(): Promise<StateStore<SnapshotValue>> {
    return this.options.states.open<SnapshotValue>(SNAPSHOTS);
  }
}

/** How many snapshots a stream of this length has had. */
function countOf(revision: number): number {
  return Math.floor((revision + 1) / EVERY_EVENTS);
}

async function deletePages(
  bucket: StateStore<SnapshotValue>,
  stream: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  for (let index = from; index < to; index += 1) await bucket.delete(pageKey(stream, index));
}

function pageKey(stream: string, index: number): string {
  return `${stream}.${index}`;
}

function pageSchema(schema: string, generation = 0): string {
  return generation === 0 ? schema : `${schema}.${generation}`;
}

function keptPages(known: StoredHead | undefined, ofPages: string): number {
  if (known === undefined) return 0;
  return pageSchema(known.schema, known.generation) === ofPages ? known.pages : 0;
}
