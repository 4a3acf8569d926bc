import { streamOfBucket } from '@skynet/contracts';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { KV, KvEntry } from '@nats-io/kv';
import type { NatsLink } from '../nats/nats-link.js';
import { patientRead } from '../nats/patient-read.js';
import { StreamCopies } from './stream-copies.js';

/** What stands under a key: a value, or the marker of its deletion. */
export type BucketEntry = Pick<KvEntry, 'operation' | 'value' | 'revision'>;

/** Entries of a bucket of NATS KV. Any copy of it answers and may be behind; that there is no value, only the leader says. */
export class BucketEntries {
  readonly #copies: StreamCopies;
  readonly #stream: string;

  constructor(
    private readonly link: NatsLink,
    private readonly manager: JetStreamManager,
    private readonly bucket: string,
    private readonly kv: KV,
  ) {
    this.#stream = streamOfBucket(bucket);
    this.#copies = new StreamCopies(link, manager, this.#stream);
  }

  /** Null when there never was one. @throws WorldError `retry: 'later'` when it can't be read now */
  async get(key: string): Promise<BucketEntry | null> {
    const what = `${this.bucket}/${key}`;
    const found = await patientRead(this.link, what, () => this.kv.get(key));
    if (found?.operation === 'PUT' || !(await this.#copies.areMany())) return found;
    return patientRead(this.link, what, () => this.#ofLeader(key));
  }

  async #ofLeader(key: string): Promise<BucketEntry | null> {
    const place = { last_by_subj: `$KV.${this.bucket}.${key}` };
    const message = await this.manager.streams.getMessage(this.#stream, place);
    if (message === null) return null;
    const operation = message.header.get('KV-Operation') || 'PUT';
    return {
      operation: operation as BucketEntry['operation'],
      value: message.data,
      revision: message.seq,
    };
  }
}
