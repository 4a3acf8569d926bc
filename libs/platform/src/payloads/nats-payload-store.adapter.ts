import { MsgHdrsImpl } from '@nats-io/transport-node';
import { buckets, type PayloadRef } from '@skynet/contracts';
import { BucketEntries } from '../messaging/reading/bucket-entries.js';
import { streamManager } from '../messaging/jetstream/jetstream-streams.js';
import { openBucket } from '../messaging/jetstream/kv-buckets.js';
import type { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { SequenceConflictError } from '../messaging/nats/publish-ack.js';
import { sha256Hex } from '../runtime/hashing.js';
import { damaged, payloadKey, payloadRefOf } from './payload-address.js';
import type { PayloadStore } from './payload-store.port.js';

export interface NatsPayloadOptions {
  /** Default: `payloads`. */
  readonly bucket?: string;
  /** Copies of the bucket in a cluster, where nothing is there yet. Default: 1. */
  readonly replicas?: number;
}

/** Below the 1 MiB that a server takes in one message, with room for headers. */
const PART_BYTES = 900 * 1024;

/**
 * Payloads in a bucket of NATS KV, texts as UTF-8, under `<tenant>.<sha256>`. A larger one is cut in parts under
 * `<tenant>.<sha256>.<number>`; its length tells how many there are.
 */
export class NatsPayloadStore implements PayloadStore {
  private constructor(
    private readonly bucket: string,
    private readonly entries: BucketEntries,
    private readonly publisher: LeanPublisher,
  ) {}

  /** Opens the bucket and creates it when it is not there. Link and publisher stay the caller's to close. */
  static async open(
    link: NatsLink,
    publisher: LeanPublisher,
    { bucket = buckets.payloads.bucket, replicas }: NatsPayloadOptions = {},
  ): Promise<NatsPayloadStore> {
    const kv = await openBucket(link, bucket, { history: 1, replicas });
    const manager = await streamManager(link.connection);
    const entries = new BucketEntries(link, manager, bucket, kv);
    return new NatsPayloadStore(bucket, entries, publisher);
  }

  async put(tenant: string, content: string | Uint8Array): Promise<PayloadRef> {
    const ref = payloadRefOf(content);
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    // One part after the other: each has its own limit of time, and all at once would have one together.
    for (const [part, key] of keysOf(payloadKey(tenant, ref), ref).entries()) {
      await this.#put(key, bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES));
    }
    return ref;
  }

  async get(tenant: string, ref: PayloadRef): Promise<string | undefined> {
    return (await this.getBytes(tenant, ref))?.toString('utf8');
  }

  async getBytes(tenant: string, ref: PayloadRef): Promise<Buffer | undefined> {
    const key = payloadKey(tenant, ref);
    const parts: Uint8Array[] = [];
    for (const each of keysOf(key, ref)) {
      const part = await this.#get(each);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    const content = Buffer.concat(parts);
    if (sha256Hex(content) === ref.sha256) return content;
    throw damaged(key);
  }

  async find(tenant: string, sha256: string): Promise<Buffer | undefined> {
    const key = payloadKey(tenant, { sha256 });
    const only = await this.#get(key);
    const parts = only === undefined ? await this.#partsOf(key) : [only];
    const content = Buffer.concat(parts);
    if (sha256Hex(content) === sha256) return content;
    // Where there are parts, who stores it may not have come to the last one.
    if (only === undefined) return undefined;
    throw damaged(key);
  }

  async #partsOf(key: string): Promise<Uint8Array[]> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const part = await this.#get(`${key}.${parts.length}`);
      if (part === undefined) return parts;
      parts.push(part);
    }
  }

  async #get(key: string): Promise<Uint8Array | undefined> {
    const entry = await this.entries.get(key);
    return entry?.operation === 'PUT' ? entry.value : undefined;
  }

  async #put(key: string, bytes: Uint8Array): Promise<void> {
    // The same key always holds the same bytes: who comes second has nothing to write.
    if (!(await this.#create(key, bytes, 0))) await this.#createOverMarker(key, bytes);
  }

  /** A sweep deleted the payload, and what stands under the key is its marker. */
  async #createOverMarker(key: string, bytes: Uint8Array): Promise<void> {
    const marker = await this.entries.get(key);
    if (marker !== null && marker.operation !== 'PUT')
      await this.#create(key, bytes, marker.revision);
  }

  /** False when the key's last message is not the expected one. */
  async #create(key: string, bytes: Uint8Array, expected: number): Promise<boolean> {
    const expectation = { 'Nats-Expected-Last-Subject-Sequence': [String(expected)] };
    try {
      const headers = MsgHdrsImpl.fromRecord(expectation);
      await this.publisher.publish(`$KV.${this.bucket}.${key}`, bytes, headers);
      return true;
    } catch (error) {
      if (error instanceof SequenceConflictError) return false;
      throw error;
    }
  }
}

function keysOf(key: string, { bytes }: PayloadRef): string[] {
  if (bytes <= PART_BYTES) return [key];
  return Array.from({ length: Math.ceil(bytes / PART_BYTES) }, (_, part) => `${key}.${part}`);
}
