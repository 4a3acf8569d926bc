import { streamOfBucket } from '@skynet/contracts';
import type { JetStreamManager } from '@nats-io/jetstream';
import { MsgHdrsImpl, type MsgHdrs } from '@nats-io/transport-node';
import type { BucketEntries, BucketEntry } from '../messaging/reading/bucket-entries.js';
import {
  OrderedReader,
  type ReaderOptions,
  type ReadMessage,
} from '../messaging/reading/ordered-reader.js';
import type { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { SequenceConflictError } from '../messaging/nats/publish-ack.js';
import type { Logger } from '../runtime/logger.js';
import { decodeState, encodeState } from './state-codec.js';
import { StateConflictError } from './state-conflict.js';
import { assertKey, assertPrefix } from './state-keys.js';
import type { StateEntry, StatePage, StateStore, StateWatcher } from './state-store.port.js';

/** What one bucket works with. */
export interface KvBucket {
  readonly bucket: string;
  readonly entries: BucketEntries;
  readonly manager: JetStreamManager;
  readonly link: NatsLink;
  readonly publisher: LeanPublisher;
  readonly log: Logger;
}

const OPERATION = 'KV-Operation';
const EXPECTATION = 'Nats-Expected-Last-Subject-Sequence';

/** One bucket of NATS KV; the revision of an entry is its sequence in the bucket's stream. */
export class NatsKvStateStore<Value> implements StateStore<Value> {
  readonly #readers = new Set<OrderedReader>();

  constructor(private readonly own: KvBucket) {}

  async get(key: string): Promise<StateEntry<Value> | undefined> {
    assertKey(key);
    const entry = await this.#entry(key);
    if (entry === null || entry.operation !== 'PUT') return undefined;
    return { key, value: decodeState<Value>(entry.value), revision: entry.revision };
  }

  async put(key: string, value: Value, expected?: number | 'absent'): Promise<number> {
    assertKey(key);
    const body = encodeState(value);
    if (expected !== 'absent') return this.#write(key, body, expected);
    try {
      return await this.#write(key, body, 0);
    } catch (error) {
      if (!(error instanceof StateConflictError)) throw error;
      // The key was deleted: what stands there is the marker.
      const marker = await this.#entry(key);
      if (marker === null || marker.operation === 'PUT') throw error;
      return this.#write(key, body, marker.revision);
    }
  }

  async delete(key: string, expected?: number): Promise<void> {
    assertKey(key);
    const entry = await this.#entry(key);
    if (entry === null || entry.operation !== 'PUT') return;
    await this.#write(key, new Uint8Array(), expected, { [OPERATION]: ['DEL'] });
  }

  async scan(
    prefix: string,
    { cursor = '', limit = 100 }: { cursor?: string; limit?: number } = {},
  ): Promise<StatePage<Value>> {
    assertPrefix(prefix);
    const keys = (await this.#keys(prefix)).filter((key) => key > cursor);
    const page = keys.slice(0, limit);
    const found = await Promise.all(page.map((key) => this.get(key)));
    const entries = found.filter((entry) => entry !== undefined);
    const last = page.at(-1);
    return keys.length > limit && last !== undefined ? { entries, cursor: last } : { entries };
  }

  async *entries(prefix: string): AsyncGenerator<StateEntry<Value>, void, undefined> {
    assertPrefix(prefix);
    for await (const message of this.#messages()) {
      const key = this.#keyOf(message);
      const entry = key.startsWith(prefix) ? this.#entryOf(key, message) : undefined;
      if (entry !== undefined) yield entry;
    }
  }

  async watch(prefix: string, watcher: StateWatcher<Value>): Promise<() => Promise<void>> {
    assertPrefix(prefix);
    const wholeTokens = prefix.slice(0, prefix.lastIndexOf('.') + 1);
    const reader = await this.#reader({ filter: `$KV.${this.own.bucket}.${wholeTokens}>` });
    let reached = (): void => undefined;
    const caughtUp = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const watching = this.#tell(reader, prefix, watcher, reached).catch((error: unknown) => {
      this.own.log.error('watch ended', { bucket: this.own.bucket, prefix, error });
      reached();
    });
    await caughtUp;
    return async () => {
      this.#stop(reader);
      await watching;
    };
  }

  /** Ends all watches. */
  close(): void {
    for (const reader of this.#readers) this.#stop(reader);
  }

  async #tell(
    reader: OrderedReader,
    prefix: string,
    watcher: StateWatcher<Value>,
    reached: () => void,
  ): Promise<void> {
    const present = new Set<string>();
    let live = false;
    for await (const { message, caughtUp } of reader) {
      if (message) {
        const key = this.#keyOf(message);
        // A marker that stood there before the watch began is no change.
        const isNews = isPresent(message) || live || present.has(key);
        if (isNews && key.startsWith(prefix)) this.#call(watcher, key, message);
        if (!live) present.add(key);
      }
      if (caughtUp && !live) {
        live = true;
        present.clear();
        reached();
      }
    }
  }

  /** One value that can't be read, or that a watcher breaks on, must not leave the others stale. */
  #call(watcher: StateWatcher<Value>, key: string, message: ReadMessage): void {
    try {
      watcher(key, this.#entryOf(key, message));
    } catch (error) {
      this.own.log.error('watcher failed', { bucket: this.own.bucket, key, error });
    }
  }

  async #keys(prefix: string): Promise<string[]> {
    const keys = new Map<string, boolean>();
    for await (const message of this.#messages({ headersOnly: true })) {
      keys.set(this.#keyOf(message), isPresent(message));
    }
    return [...keys.keys()].filter((key) => key.startsWith(prefix) && keys.get(key)).sort();
  }

  /**
   * Every key at least once, as the bucket keeps one message of each: what is written anew during the reading is read
   * behind what was last. Not the last message of each subject, of which nats-server 2.9.10 leaves some out.
   */
  async *#messages(
    options: { headersOnly?: boolean } = {},
  ): AsyncGenerator<ReadMessage, void, undefined> {
    const reader = await this.#reader({ ...options, whole: true });
    try {
      for await (const { message, caughtUp } of reader) {
        if (message) yield message;
        if (caughtUp) break;
      }
    } finally {
      this.#stop(reader);
    }
  }

  async #reader(
    options: Pick<ReaderOptions, 'filter' | 'headersOnly' | 'whole'>,
  ): Promise<OrderedReader> {
    const { link, manager, bucket, log } = this.own;
    const stream = streamOfBucket(bucket);
    const reader = await OrderedReader.open(link, manager, { stream, log, ...options });
    this.#readers.add(reader);
    return reader;
  }

  #stop(reader: OrderedReader): void {
    this.#readers.delete(reader);
    reader.stop();
  }

  #keyOf(message: ReadMessage): string {
    return message.subject.slice(`$KV.${this.own.bucket}.`.length);
  }

  #entryOf(key: string, message: ReadMessage): StateEntry<Value> | undefined {
    if (!isPresent(message)) return undefined;
    return { key, value: decodeState<Value>(message.body), revision: message.sequence };
  }

  #entry(key: string): Promise<BucketEntry | null> {
    return this.own.entries.get(key);
  }

  async #write(
    key: string,
    body: Uint8Array,
    expected: number | undefined,
    more: Record<string, string[]> = {},
  ): Promise<number> {
    const { bucket, publisher } = this.own;
    const headers: MsgHdrs = MsgHdrsImpl.fromRecord({
      ...more,
      ...(expected !== undefined && { [EXPECTATION]: [String(expected)] }),
    });
    try {
      const ack = await publisher.publish(`$KV.${bucket}.${key}`, body, headers);
      return ack.sequence;
    } catch (error) {
      if (error instanceof SequenceConflictError) throw new StateConflictError(bucket, key);
      throw error;
    }
  }
}

function isPresent(message: ReadMessage): boolean {
  return !message.headers?.get(OPERATION);
}
