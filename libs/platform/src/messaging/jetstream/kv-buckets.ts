import { JetStreamApiError } from '@nats-io/jetstream';
import { Kvm, type KV, type KvOptions } from '@nats-io/kv';
import { nanos } from '@nats-io/transport-node';
import { streamOfBucket, type Bucket } from '@skynet/contracts';
import { copiesOfNew } from '../copies/system-copies.js';
import { streamOf } from '../copies/stream-info.js';
import { WorldError } from '../../runtime/world-error.js';
import type { NatsLink } from '../nats/nats-link.js';
import { untilItPasses } from '../nats/passing-failure.js';
import { streamManager } from './jetstream-streams.js';
import { makeOrAwait } from './made-by-operator.js';

const SUBJECTS_OVERLAP = 10_065;

/**
 * Opens a bucket, and creates it when it is not there; to open one takes no right to create any. A new one has as many
 * copies as the system, and `replicas` only where nothing is there yet. Safe to repeat.
 */
export async function openBucket(
  { connection }: NatsLink,
  bucket: string,
  options: Partial<KvOptions>,
): Promise<KV> {
  const manager = await streamManager(connection);
  const buckets = new Kvm(connection);
  const find = async (): Promise<KV | undefined> => {
    const stream = await streamOf(manager, streamOfBucket(bucket));
    return stream && buckets.open(bucket, { allow_direct: stream.allow_direct });
  };
  const make = async () => {
    const replicas = await copiesOfNew(manager, options.replicas);
    return buckets.create(bucket, { ...options, replicas }).catch((error: unknown) => {
      throw isOverlap(error)
        ? new WorldError(`bucket ${bucket}: ${error.message}`, 'later')
        : error;
    });
  };
  return untilItPasses(
    async () => (await find()) ?? (await makeOrAwait(`bucket ${bucket}`, make, find)),
  );
}

/** nats-server 2.9 says so to one of two that make the same bucket at the same time: it is there soon. */
function isOverlap(error: unknown): error is JetStreamApiError {
  return error instanceof JetStreamApiError && error.code === SUBJECTS_OVERLAP;
}

/** What a server takes when it is asked for no other: within it no message is stored twice. */
const DUPLICATES_MS = 120_000;

/** Makes the bucket, or gives one that is there this time to live. For operators. Safe to repeat. */
export async function ensureBucket(
  link: NatsLink,
  { bucket, ttlMs = 0 }: Bucket,
  replicas?: number,
): Promise<void> {
  await openBucket(link, bucket, { history: 1, replicas, ...(ttlMs > 0 && { ttl: ttlMs }) });
  const manager = await streamManager(link.connection);
  const name = streamOfBucket(bucket);
  const max_age = nanos(ttlMs);
  await untilItPasses(async () => {
    const { config } = await manager.streams.info(name);
    if (config.max_age === max_age) return;
    const duplicate_window = nanos(ttlMs > 0 ? Math.min(ttlMs, DUPLICATES_MS) : DUPLICATES_MS);
    await manager.streams.update(name, { max_age, duplicate_window });
  });
}
