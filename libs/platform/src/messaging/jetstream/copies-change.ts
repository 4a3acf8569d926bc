import { JetStreamApiError, type StreamInfo } from '@nats-io/jetstream';
import { streams } from '@skynet/contracts';
import { sleep, systemClock } from '../../runtime/clock.js';
import { WorldError } from '../../runtime/world-error.js';
import type { NatsLink } from '../nats/nats-link.js';
import { isPassing, untilItPasses } from '../nats/passing-failure.js';
import { streamManager } from './jetstream-streams.js';

/** How many copies of a stream or bucket there are, and where. */
export interface CopiesReport {
  /** A bucket `x` is the stream `KV_x`. */
  readonly name: string;
  readonly copies: number;
  /** Server that holds the copy that takes writes. Absent: one is being elected. */
  readonly leader?: string;
  /** The servers of the other copies. */
  readonly followers: readonly string[];
  /** Servers whose copy is not as new as the leader's. */
  readonly behind: readonly string[];
  /** Whether all copies are there and as new as the leader's. */
  readonly isCurrent: boolean;
}

export interface CopiesChangeOptions {
  /** Gives up waiting; a change that was begun goes on in the servers. */
  readonly signal?: AbortSignal;
  /** Called with each look at a stream that is not current yet. */
  readonly onWaiting?: (report: CopiesReport) => void;
}

const NO_PEERS = 10_005;
const NO_CLUSTER = 10_074;
const LOOK_AGAIN_MS = 250;

/** Copies of all streams and buckets of the system. */
export async function listCopies({ connection }: NatsLink): Promise<CopiesReport[]> {
  const manager = await streamManager(connection);
  const reports: CopiesReport[] = [];
  for await (const stream of manager.streams.list()) reports.push(reportOf(stream));
  return reports.sort(
    (one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name),
  );
}

/**
 * Gives a stream or bucket this number of copies and resolves when each of them is current. Safe to repeat.
 *
 * @throws WorldError `retry: 'never'` when there are not so many servers
 */
export async function changeCopies(
  link: NatsLink,
  name: string,
  copies: number,
  { signal, onWaiting }: CopiesChangeOptions = {},
): Promise<CopiesReport> {
  requireCluster(link, copies);
  const manager = await streamManager(link.connection);
  await untilItPasses(async () => {
    const { config } = await manager.streams.info(name);
    if (config.num_replicas !== copies)
      await manager.streams.update(name, { num_replicas: copies });
  }).catch((error: unknown) => {
    throw isTooMany(error) ? tooMany(copies, error) : error;
  });
  for (;;) {
    signal?.throwIfAborted();
    const report = await manager.streams.info(name).then(reportOf, ifPassing);
    if (report?.isCurrent === true && report.copies === copies) return report;
    if (report !== undefined) onWaiting?.(report);
    await sleep(systemClock, LOOK_AGAIN_MS);
  }
}

/** 2.9 takes any number on a server that is alone, and keeps one. */
function requireCluster({ connection }: NatsLink, copies: number): void {
  if (copies === 1 || connection.info?.cluster !== undefined) return;
  const message = `NATS is one server here, and one server keeps one copy, not ${copies}`;
  throw new WorldError(message, 'never');
}

function isTooMany(error: unknown): boolean {
  return error instanceof JetStreamApiError && [NO_PEERS, NO_CLUSTER].includes(error.code);
}

function tooMany(copies: number, cause: unknown): WorldError {
  const message =
    `NATS finds no ${copies} servers for ${copies} copies: so many must run, ` +
    'each in a zone of its own where their configuration names zones';
  return new WorldError(message, 'never', { cause });
}

function ifPassing(error: unknown): undefined {
  if (!isPassing(error)) throw error;
}

/** What is made meanwhile takes the number of the stream of commands, so that one is changed first. */
function rank({ name }: CopiesReport): number {
  return name === streams.commands ? 0 : 1;
}

/** A newer server tells what it is still changing to. */
type Changing = NonNullable<StreamInfo['cluster']> & { readonly desired?: unknown };

function reportOf({ config, cluster }: StreamInfo): CopiesReport {
  const { name, num_replicas: copies } = config;
  const { leader, replicas = [], desired } = (cluster ?? {}) as Partial<Changing>;
  const behind = replicas.filter(({ current, offline }) => !current || offline === true);
  const isWhole = cluster === undefined || (leader !== undefined && replicas.length === copies - 1);
  return {
    name,
    copies,
    leader,
    followers: replicas.map((replica) => replica.name),
    behind: behind.map((replica) => replica.name),
    isCurrent: isWhole && behind.length === 0 && desired === undefined,
  };
}
