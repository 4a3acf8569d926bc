import {
  DiscardPolicy,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { streams } from '@skynet/contracts';
import { WorldError } from '../../runtime/world-error.js';

/** The settings of a stream that we care about; the server fills in the rest. */
export type StreamSettings = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

export interface StreamsOptions {
  /** Copies of each stream in a cluster. Default: 1. */
  readonly replicas?: number;
}

const MIB = 1024 * 1024;
const OTHER_SETTINGS_EXIST = 10_058;

const work = {
  retention: RetentionPolicy.Workqueue,
  discard: DiscardPolicy.New,
  max_bytes: 256 * MIB,
};

const settings: readonly StreamSettings[] = [
  { name: streams.commands, subjects: ['cmd.>'], ...work },
  { name: streams.runs, subjects: ['run.>'], ...work, duplicate_window: nanos(120_000) },
  {
    name: streams.deadLetters,
    subjects: ['dead.>'],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_bytes: 64 * MIB,
  },
];

/** Creates or updates the streams that services talk through. Safe to repeat and to run at once in many processes. */
export async function ensureStreams(
  connection: NatsConnection,
  { replicas = 1 }: StreamsOptions = {},
): Promise<void> {
  const manager = await streamManager(connection);
  for (const stream of settings) {
    await ensureStream(manager, { ...stream, num_replicas: replicas });
  }
}

/** @throws WorldError `retry: 'never'` when the server runs without JetStream */
export async function streamManager(connection: NatsConnection): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(connection);
  } catch (error) {
    throw new WorldError('NATS has no JetStream: start nats-server with -js', 'never', {
      cause: error,
    });
  }
}

/**
 * Creates the stream on files, or gives it these settings.
 *
 * @throws WorldError `retry: 'never'` when it exists with settings that can't be changed
 */
export async function ensureStream(
  manager: JetStreamManager,
  stream: StreamSettings,
): Promise<void> {
  try {
    await addOrUpdate(manager, { storage: StorageType.File, ...stream });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WorldError(`stream ${stream.name} can't be set up: ${reason}`, 'never', {
      cause: error,
    });
  }
}

async function addOrUpdate(manager: JetStreamManager, stream: StreamSettings): Promise<void> {
  try {
    await manager.streams.add(stream);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== OTHER_SETTINGS_EXIST) throw error;
    await manager.streams.update(stream.name, stream);
  }
}
