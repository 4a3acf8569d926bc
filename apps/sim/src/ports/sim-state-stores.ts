import { buckets } from '@skynet/contracts';
import {
  WorldError,
  type BucketOptions,
  type MemoryStateStores,
  type StateEntry,
  type StateStore,
  type StateStores,
  type StateWatcher,
} from '@skynet/platform';
import type { SimProcess } from './sim-process.js';

/** Buckets as one process has them, over the network. */
export class SimStateStores implements StateStores {
  constructor(
    private readonly states: MemoryStateStores,
    private readonly process: SimProcess,
  ) {}

  async open<Value>(bucket: string, options?: BucketOptions): Promise<StateStore<Value>> {
    return new SimStateStore(await this.states.open<Value>(bucket, options), this.process, bucket);
  }

  async close(): Promise<void> {}
}

class SimStateStore<Value> implements StateStore<Value> {
  constructor(
    private readonly store: StateStore<Value>,
    private readonly process: SimProcess,
    private readonly bucket: string,
  ) {}

  get(key: string) {
    return this.call(() => this.store.get(key));
  }

  put(key: string, value: Value, expected?: number | 'absent') {
    return this.call(() => this.store.put(key, value, expected));
  }

  delete(key: string, expected?: number) {
    return this.call(() => this.store.delete(key, expected));
  }

  scan(prefix: string, options?: { cursor?: string; limit?: number }) {
    return this.call(() => this.store.scan(prefix, options));
  }

  async *entries(prefix: string): AsyncGenerator<StateEntry<Value>, void, undefined> {
    const keys = await this.call(async () => {
      const found: string[] = [];
      for await (const { key } of this.store.entries(prefix)) found.push(key);
      return found;
    });
    // Others write between two entries.
    for (const key of keys) {
      const entry = await this.process.call(() => this.store.get(key));
      if (entry !== undefined) yield entry;
    }
  }

  watch(prefix: string, watcher: StateWatcher<Value>): Promise<() => Promise<void>> {
    const lane = this.process.lane();
    let first: (() => void)[] | undefined = [];
    const tell: StateWatcher<Value> = (key, entry) => {
      const told = () => watcher(key, entry);
      if (first === undefined) lane(told);
      else first.push(told);
    };
    return this.process
      .call(() => this.store.watch(prefix, tell))
      .then((stop) => {
        for (const told of first ?? []) told();
        first = undefined;
        this.process.whenDead(() => void stop());
        return stop;
      });
  }

  private call<Result>(work: () => Promise<Result>): Promise<Result> {
    const { sky } = this.process;
    return this.process.call(async () => {
      if (this.bucket === buckets.leases.bucket && sky.strikes('failedElections')) throw away();
      const isLost = sky.strikes('failedStates');
      // Half of the writes that fail have happened.
      if (isLost && sky.random.chance(0.5)) throw away();
      const result = await work();
      if (isLost) throw away();
      return result;
    });
  }
}

function away(): WorldError {
  return new WorldError('no answer from the bucket', 'later');
}
