import { assertBucket } from '../state-keys.js';
import type { BucketOptions, StateStore, StateStores } from '../state-store.port.js';
import { RedisLink, type RedisOptions } from './redis-link.js';
import { RedisStateStore } from './redis-state-store.js';

/** Buckets in Redis 6 or newer. */
export class RedisStateStores implements StateStores {
  private constructor(
    private readonly link: RedisLink,
    private readonly options: RedisOptions,
  ) {}

  /**
   * Connects, waiting for a server that still starts.
   *
   * @throws WorldError `retry: 'later'` when no server answers in time, `'never'` when it refuses or the address is wrong
   */
  static async connect(options: RedisOptions): Promise<RedisStateStores> {
    return new RedisStateStores(await RedisLink.open(options), options);
  }

  async open<Value>(bucket: string, { ttlMs }: BucketOptions = {}): Promise<StateStore<Value>> {
    assertBucket(bucket);
    const { link } = this;
    return new RedisStateStore<Value>({ bucket, ttlMs, link, log: this.options.log });
  }

  async close(): Promise<void> {
    this.link.close();
  }
}
