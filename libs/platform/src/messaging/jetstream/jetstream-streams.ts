import { isDeepStrictEqual } from 'node:util';
import {
  DiscardPolicy,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { streams } from '@skynet/contracts';
import type { Logger } from '../../runtime/logger.js';
import { WorldError } from '../../runtime/world-error.js';
import { copiesOfNew, warnOfOtherCopies } from '../copies/system-copies.js';
import { infoOf, streamOf } from '../copies/stream-info.js';
import { isPassing, untilItPasses } from '../nats/passing-failure.js';
import { makeOrAwait } from './made-by-operator.js';

/** The settings of a stream that we care about; the server fills in the rest. */
export type StreamSettings = Omit<Partial<StreamConfig>, 'num_replicas'> &
  Pick<StreamConfig, 'name' | 'subjects'>;

export interface StreamsOptions {
  /** Copies of each stream in a cluster, where nothing is there yet. Default: 1. */
  readonly replicas?: number;
  /** Room of each work queue, MiB, which the server sets aside. Default: 256. */
  readonly queueMib?: number;
  /** Told of streams that have another number of copies. Default: nobody. */
  readonly log?: Logger;
}

const MIB = 1024 * 1024;
const OTHER_SETTINGS_EXIST = 10_058;

/**
 * A command is valid for seconds, and a dispatch that nobody started is sent again: what is older has been lost by its
 * consumer, as by nats-server 2.9 after a crash, and would take up room for ever.
 */
const WORK_KEPT_MS = 3_600_000;

const QUEUE_MIB = 256;

const work = {
  max_age: nanos(WORK_KEPT_MS),
  retention: RetentionPolicy.Workqueue,
  discard: DiscardPolicy.New,
};

const queues: readonly StreamSettings[] = [
  { name: streams.commands, subjects: ['cmd.>'], ...work },
  { name: streams.runs, subjects: ['run.>'], ...work, duplicate_window: nanos(120_000) },
];

const acts: StreamSettings = {
  // What was recorded is taken out by the one who records it; while he is away nothing may be lost.
  name: streams.audit,
  subjects: ['audit.>'],
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_bytes: 64 * MIB,
  duplicate_window: nanos(120_000),
};

const others: readonly StreamSettings[] = [
  acts,
  {
    name: streams.deadLetters,
    subjects: ['dead.>'],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_bytes: 64 * MIB,
  },
  {
    name: streams.health,
    subjects: ['health.>'],
    retention: RetentionPolicy.Limits,
    max_msgs_per_subject: 1,
    max_bytes: MIB,
  },
];

/**
 * Creates or updates the streams that services talk through. How many copies a stream has stays as it is. Safe to repeat
 * and to run at once in many processes.
 */
export async function ensureStreams(
  connection: NatsConnection,
  { replicas, queueMib = QUEUE_MIB, log }: StreamsOptions = {},
): Promise<void> {
  const manager = await streamManager(connection);
  const sized = queues.map((queue) => ({ ...queue, max_bytes: queueMib * MIB }));
  const found: StreamConfig[] = [];
  for (const stream of [...sized, ...others]) {
    found.push(await ensureStream(manager, stream, replicas));
  }
  if (log !== undefined) warnOfOtherCopies(found, replicas, log);
}

/**
 * Creates the stream of acts alone, for operators of a system in which no service has run yet. Safe to repeat.
 *
 * @throws WorldError when it can't be
 */
export async function ensureAuditStream(
  connection: NatsConnection,
  replicas?: number,
): Promise<void> {
  await ensureStream(await streamManager(connection), acts, replicas);
}

const managers = new WeakMap<NatsConnection, Promise<JetStreamManager>>();

/**
 * The one of this connection. A cluster that has no leader yet is waited for.
 *
 * @throws WorldError `retry: 'never'` when the server runs without JetStream, `'later'` when it does not answer in 30 s
 */
export function streamManager(connection: NatsConnection): Promise<JetStreamManager> {
  let manager = managers.get(connection);
  if (manager === undefined) {
    manager = openManager(connection);
    managers.set(connection, manager);
    manager.catch(() => managers.delete(connection));
  }
  return manager;
}

async function openManager(connection: NatsConnection): Promise<JetStreamManager> {
  const isWithout = () => connection.info?.jetstream !== true;
  try {
    return await untilItPasses(() => jetstreamManager(connection), isWithout);
  } catch (error) {
    const message = isWithout()
      ? 'NATS has no JetStream: start nats-server with -js'
      : 'JetStream does not answer';
    throw new WorldError(message, isWithout() ? 'never' : 'later', { cause: error });
  }
}

/**
 * Creates the stream on files, or gives it these settings. One that is as it shall be is only looked at, which is all
 * that most services may do. `copies` counts only where nothing is there yet: a new stream gets as many as the system
 * has, and one that exists keeps its own.
 *
 * @throws WorldError `retry: 'never'` when it exists with settings that can't be changed, or is damaged
 */
export async function ensureStream(
  manager: JetStreamManager,
  stream: StreamSettings,
  copies?: number,
): Promise<StreamConfig> {
  const wished = { storage: StorageType.File, ...stream };
  try {
    return await untilItPasses(() => addOrUpdate(manager, wished, copies));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const retry = isPassing(error) ? 'later' : 'never';
    throw new WorldError(`stream ${stream.name} can't be set up: ${reason}`, retry, {
      cause: error,
    });
  }
}

async function addOrUpdate(
  manager: JetStreamManager,
  stream: StreamSettings,
  copies?: number,
): Promise<StreamConfig> {
  const existing = await infoOf(manager, stream.name);
  if (existing !== undefined) requireSound(existing);
  if (existing !== undefined && otherSettings(existing.config, stream).length === 0)
    return existing.config;
  const make = () =>
    existing === undefined ? add(manager, stream, copies) : update(manager, stream);
  return makeOrAwait(`stream ${stream.name}`, make, () => streamOf(manager, stream.name));
}

async function add(
  manager: JetStreamManager,
  stream: StreamSettings,
  copies?: number,
): Promise<StreamConfig> {
  const num_replicas = await copiesOfNew(manager, copies);
  try {
    return (await manager.streams.add({ ...stream, num_replicas })).config;
  } catch (error) {
    const isThere = error instanceof JetStreamApiError && error.code === OTHER_SETTINGS_EXIST;
    if (!isThere) throw error;
    return update(manager, stream);
  }
}

/** What is not named stays as it is. */
async function update(manager: JetStreamManager, stream: StreamSettings): Promise<StreamConfig> {
  return (await manager.streams.update(stream.name, stream)).config;
}

/** An older server that ran on the folder of a newer one leaves sequences that no client can count. */
export function isDamaged({ state }: Pick<StreamInfo, 'state'>): boolean {
  return Math.max(state.first_seq, state.last_seq) > Number.MAX_SAFE_INTEGER;
}

function requireSound(stream: StreamInfo): void {
  if (!isDamaged(stream)) return;
  throw new Error(
    'an older nats-server has damaged it, and it takes no messages any more; ' +
      '"skynet log doctor --repair" on "skynet up --store-only" makes it anew',
  );
}

/** Names of the settings that are not as wished: who may not change them goes on with those that there are. */
export function otherSettings(existing: StreamConfig, wished: StreamSettings): string[] {
  return Object.entries(wished)
    .filter(([name, value]) => !isDeepStrictEqual(existing[name as keyof StreamConfig], value))
    .map(([name]) => name);
}
