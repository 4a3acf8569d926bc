import { allBuckets, buckets, type Bucket } from '@skynet/contracts';
import { JetStreamEventStore } from '../event-store/jetstream-event-store.adapter.js';
import { ensureStreams, streamManager } from '../messaging/jetstream/jetstream-streams.js';
import { ensureBucket } from '../messaging/jetstream/kv-buckets.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { systemClock } from '../runtime/clock.js';
import { silentLogger, type Logger } from '../runtime/logger.js';
import type { PlatformSettings } from './platform.config.js';
import { LOGS } from './platform-stores.js';

/**
 * Makes every stream and bucket of NATS that the settings ask for, and gives those that are there the settings of this
 * release; how many copies they have stays as it is. As the NATS user `operator`: services may only use them. The answer is
 * the names of what was made. Safe to repeat, and while services run.
 *
 * @throws WorldError when NATS is not there, or a stream can't be set up
 */
export async function installStores(
  settings: PlatformSettings,
  log: Logger = silentLogger,
): Promise<readonly string[]> {
  const link = await connectNats({ ...settings.nats, name: 'operator', log });
  try {
    const before = await namesOf(link);
    await ensureStreams(link.connection, { ...settings.nats, log });
    await ensureLogs(link, settings, log);
    const { replicas } = settings.nats;
    const wanted = bucketsOf(settings);
    await Promise.all(wanted.map((bucket) => ensureBucket(link, bucket, replicas)));
    return [...(await namesOf(link))].filter((name) => !before.has(name));
  } finally {
    await link.close();
  }
}

async function ensureLogs(
  link: NatsLink,
  { eventStore, nats: { replicas } }: PlatformSettings,
  log: Logger,
): Promise<void> {
  if (eventStore.kind !== 'jetstream') return;
  const publisher = new LeanPublisher(link);
  const clock = systemClock;
  for (const names of Object.values(LOGS)) {
    const options = { ...names, replicas, log, clock };
    await (await JetStreamEventStore.open(link, publisher, options)).close();
  }
  publisher.close();
}

function bucketsOf({ stateStore, payloadStore }: PlatformSettings): Bucket[] {
  return allBuckets.filter(
    (bucket) => (bucket === buckets.payloads ? payloadStore : stateStore).kind === 'nats',
  );
}

async function namesOf({ connection }: NatsLink): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for await (const name of (await streamManager(connection)).streams.names()) names.add(name);
  return names;
}
