import { Kvm, type KV, type KvOptions } from '@nats-io/kv';
import { copiesOfNew } from '../copies/system-copies.js';
import { streamOf } from '../copies/stream-info.js';
import type { NatsLink } from '../nats/nats-link.js';
import { untilItPasses } from '../nats/passing-failure.js';
import { streamManager } from './jetstream-streams.js';
import { makeOrAwait } from './made-by-owner.js';

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
    const stream = await streamOf(manager, `KV_${bucket}`);
    return stream && buckets.open(bucket, { allow_direct: stream.allow_direct });
  };
  const make = async () => {
    const replicas = await copiesOfNew(manager, options.replicas);
    return buckets.create(bucket, { ...options, replicas });
  };
  return untilItPasses(
    async () => (await find()) ?? (await makeOrAwait(`bucket ${bucket}`, make, find)),
  );
}
