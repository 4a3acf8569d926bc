import { sleep } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import { decodeState, encodeState } from '../state-codec.js';
import { StateConflictError } from '../state-conflict.js';
import { assertKey, assertPrefix } from '../state-keys.js';
import type { StateEntry, StatePage, StateStore, StateWatcher } from '../state-store.port.js';
import type { RedisLink } from './redis-link.js';
import { DELETE, PUT, SCAN } from './redis-scripts.js';
import { RedisWatch, type Change } from './redis-watch.js';

const LINE_BREAK = 10;
const PASS_PAGE = 500;
const RETRY_MS = 1_000;

/** What one bucket works with. */
export interface RedisBucket {
  readonly bucket: string;
  readonly ttlMs: number | undefined;
  readonly link: RedisLink;
  readonly log: Logger;
}

/** One bucket in Redis; its names share a hash tag, so that a cluster keeps them together. */
export class RedisStateStore<Value> implements StateStore<Value> {
  readonly #rows: string;
  readonly #index: string;
  readonly #counter: string;
  readonly #channel: string;

  constructor(private readonly own: RedisBucket) {
    const start = `skynet:{${own.bucket}}`;
    this.#rows = `${start}:row:`;
    this.#index = `${start}:keys`;
    this.#counter = `${start}:revision`;
    this.#channel = `${start}:changes`;
  }

  async get(key: string): Promise<StateEntry<Value> | undefined> {
    assertKey(key);
    const row = await this.own.link.get(this.#rows + key);
    return row && entryOf(key, row);
  }

  async put(key: string, value: Value, expected?: number | 'absent'): Promise<number> {
    assertKey(key);
    const { bucket, ttlMs = '', link } = this.own;
    const body = Buffer.from(encodeState(value));
    const args = [key, String(expected ?? ''), String(ttlMs), this.#channel, body];
    const revision = Number(await link.run(PUT, this.#keysOf(key), args));
    if (revision === 0) throw new StateConflictError(bucket, key);
    return revision;
  }

  async delete(key: string, expected?: number): Promise<void> {
    assertKey(key);
    const args = [key, String(expected ?? ''), this.#channel];
    const done = Number(await this.own.link.run(DELETE, this.#keysOf(key), args));
    if (done === 0) throw new StateConflictError(this.own.bucket, key);
  }

  async scan(
    prefix: string,
    { cursor, limit = 100 }: { cursor?: string; limit?: number } = {},
  ): Promise<StatePage<Value>> {
    assertPrefix(prefix);
    const least = cursor === undefined ? `[${prefix}` : `(${cursor}`;
    // Keys are ASCII: every key under the prefix comes before this.
    const most = prefix === '' ? '+' : Buffer.concat([Buffer.from(`(${prefix}`), Buffer.of(0xff)]);
    const { link } = this.own;
    const found = await link.read(() =>
      link.run(SCAN, [this.#index], [this.#rows, least, most, String(limit + 1)]),
    );
    const entries = entriesOf<Value>(found as Buffer[]);
    const page = entries.slice(0, limit);
    const last = page.at(-1);
    return entries.length > limit && last ? { entries: page, cursor: last.key } : { entries: page };
  }

  async *entries(prefix: string): AsyncGenerator<StateEntry<Value>, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.scan(prefix, { limit: PASS_PAGE, ...(cursor && { cursor }) });
      yield* page.entries;
      ({ cursor } = page);
    } while (cursor !== undefined);
  }

  async watch(prefix: string, watcher: StateWatcher<Value>): Promise<() => Promise<void>> {
    assertPrefix(prefix);
    const { link, log, bucket } = this.own;
    const watch = new RedisWatch<Value>((key, entry) => {
      try {
        watcher(key, entry);
      } catch (error) {
        // A watcher that breaks on one key must not leave the others stale.
        log.error('watcher failed', { bucket, key, error });
      }
    });
    let stopped = false;
    const stopListening = await link.listen(this.#channel, (message) => {
      const change = changeOf<Value>(message);
      if (!stopped && change.key.startsWith(prefix)) watch.hear(change);
    });
    const readAll = () => this.#all(prefix);
    let reading = watch.synchronise(readAll);
    const catchUp = async () => {
      while (!stopped) {
        try {
          return await watch.synchronise(readAll);
        } catch (error) {
          log.warn('watch is behind', { bucket, prefix, error });
          await sleep(link.clock, RETRY_MS);
        }
      }
    };
    const stopFollowing = link.onRestored(() => {
      reading = reading.then(catchUp, catchUp);
    });
    await reading;
    return async () => {
      stopped = true;
      stopFollowing();
      await stopListening();
    };
  }

  #keysOf(key: string): string[] {
    return [this.#rows + key, this.#index, this.#counter];
  }

  async #all(prefix: string): Promise<StateEntry<Value>[]> {
    const all: StateEntry<Value>[] = [];
    for await (const entry of this.entries(prefix)) all.push(entry);
    return all;
  }
}

/** `<revision>\n<value>` */
function entryOf<Value>(key: string, row: Buffer): StateEntry<Value> {
  const end = row.indexOf(LINE_BREAK);
  const revision = Number(row.toString('latin1', 0, end));
  return { key, value: decodeState<Value>(row.subarray(end + 1)), revision };
}

function entriesOf<Value>(keysAndRows: readonly Buffer[]): StateEntry<Value>[] {
  return keysAndRows.flatMap((row, index) => {
    const key = keysAndRows[index - 1];
    return index % 2 === 1 && key ? [entryOf<Value>(key.toString(), row)] : [];
  });
}

/** `<revision> <key>\n<value>`, without the line break and the value when the key is gone. */
function changeOf<Value>(message: Buffer): Change<Value> {
  const end = message.indexOf(LINE_BREAK);
  const head = message.toString('latin1', 0, end < 0 ? undefined : end);
  const [revisionText = '', key = ''] = head.split(' ');
  const revision = Number(revisionText);
  if (end < 0) return { key, revision };
  const value = decodeState<Value>(message.subarray(end + 1));
  return { key, revision, entry: { key, value, revision } };
}
