import { BucketEntries } from '../messaging/reading/bucket-entries.js';
import { streamManager } from '../messaging/jetstream/jetstream-streams.js';
import { openBucket } from '../messaging/jetstream/kv-buckets.js';
import type { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import type { Logger } from '../runtime/logger.js';
import { WorldError } from '../runtime/world-error.js';
import { NatsKvStateStore } from './nats-kv-state-store.js';
import { assertBucket } from './state-keys.js';
import type { BucketOptions, StateStore, StateStores } from './state-store.port.js';

export interface NatsKvOptions {
  /** Copies of each bucket in a cluster, where nothing is there yet. Default: 1. */
  readonly replicas?: number;
  readonly log: Logger;
}

/** Buckets of NATS KV. The link and the publisher stay the caller's to close. */
export class NatsKvStateStores implements StateStores {
  readonly #open = new Map<string, Promise<NatsKvStateStore<unknown>>>();

  constructor(
    private readonly link: NatsLink,
    private readonly publisher: LeanPublisher,
    private readonly options: NatsKvOptions,
  ) {}

  async open<Value>(bucket: string, options: BucketOptions = {}): Promise<StateStore<Value>> {
    assertBucket(bucket);
    let opening = this.#open.get(bucket);
    if (opening === undefined) {
      opening = this.#openBucket(bucket, options);
      this.#open.set(bucket, opening);
      opening.catch(() => this.#open.delete(bucket));
    }
    return (await opening) as NatsKvStateStore<Value>;
  }

  async close(): Promise<void> {
    const stores = await Promise.allSettled(this.#open.values());
    this.#open.clear();
    for (const store of stores) if (store.status === 'fulfilled') store.value.close();
  }

  async #openBucket(bucket: string, { ttlMs }: BucketOptions): Promise<NatsKvStateStore<unknown>> {
    const { replicas, log } = this.options;
    try {
      const kv = await openBucket(this.link, bucket, {
        history: 1,
        replicas,
        ...(ttlMs !== undefined && { ttl: ttlMs }),
      });
      const manager = await streamManager(this.link.connection);
      return new NatsKvStateStore({
        bucket,
        entries: new BucketEntries(this.link, manager, bucket, kv),
        manager,
        link: this.link,
        publisher: this.publisher,
        log,
      });
    } catch (error) {
      throw new WorldError(`bucket ${bucket} can't be opened`, 'later', { cause: error });
    }
  }
}
