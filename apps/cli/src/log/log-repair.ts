import { AGENT_ROW_BUCKETS, streamOfBucket, subjects } from '@skynet/contracts';
import type { NatsLink } from '@skynet/platform/nats';
import { Trouble } from '../ending/trouble.js';
import { isRemade, type Examination } from './log-findings.js';

/** What a repair did. */
export interface Repair {
  /** Streams and buckets that were deleted; services make those anew that are not there. */
  readonly remade: readonly string[];
}

export interface Patient {
  readonly link: NatsLink;
  /** Copies, where the system no longer tells how many it has. Default: 1. */
  readonly replicas?: number;
}

/**
 * Deletes what can be derived from the log, when it is damaged, so that it is made anew: the scheduler puts on the queue
 * what the log shows under way. The log itself is only read. Safe to repeat.
 *
 * @throws Trouble when a service runs: it would write what is being made anew
 */
export async function repair(patient: Patient, examination: Examination): Promise<Repair> {
  const { link, replicas } = patient;
  await requireNoServices(link);
  const { remakeStreams } = await import('@skynet/platform/operations');
  const remade = await toRemake(examination);
  if (remade.length > 0) await remakeStreams(link, remade, { replicas });
  return { remade };
}

/** Once a stream is damaged the rows are not to be trusted either: deleted ones come back with it. */
async function toRemake(examination: Examination): Promise<string[]> {
  const damaged = examination.streams.filter(
    ({ isDamaged, stuck, name }) => (isDamaged || stuck > 0) && isRemade(name),
  );
  if (damaged.length === 0) return [];
  const { CHECKPOINTS, LEASES, WORKER_LEASES } = await import('@skynet/platform');
  const derived = [...AGENT_ROW_BUCKETS, CHECKPOINTS, LEASES, WORKER_LEASES].map(streamOfBucket);
  const names = examination.streams.map(({ name }) => name);
  const wanted = new Set([...damaged.map(({ name }) => name), ...derived]);
  return names.filter((name) => wanted.has(name));
}

async function requireNoServices(link: NatsLink): Promise<void> {
  const { isHeard } = await import('@skynet/platform/operations');
  const heard = await Promise.all([
    isHeard(link, subjects.query('agent')),
    isHeard(link, subjects.workerHeartbeat),
  ]);
  if (!heard.includes(true)) return;
  throw new Trouble('Services run on this store, and a repair would take it from under them.', {
    next: 'Stop them all, and run the store alone: "skynet up --store-only".',
  });
}
