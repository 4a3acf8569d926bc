import { RetentionPolicy, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { NoRespondersError, RequestError } from '@nats-io/transport-node';
import { copiesOfSystem } from '../copies/system-copies.js';
import type { NatsLink } from '../nats/nats-link.js';
import {
  ensureStreams,
  isDamaged,
  streamManager,
  type StreamsOptions,
} from './jetstream-streams.js';

/** What a stream or a bucket holds. */
export interface StreamReport {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** An older nats-server ran on the folder of a newer one: the stream takes no messages any more. */
  readonly isDamaged: boolean;
  /** Messages of a work queue that no consumer will be given again, and so will never be acked. */
  readonly stuck: number;
}

const ANSWER_MS = 1_000;

/** All streams of the server; a bucket `x` is the stream `KV_x`. */
export async function listStreams({ connection }: NatsLink): Promise<StreamReport[]> {
  const manager = await streamManager(connection);
  const reports: StreamReport[] = [];
  for await (const stream of manager.streams.list()) {
    reports.push({ ...reportOf(stream), stuck: await stuckIn(manager, stream) });
  }
  return reports.sort((one, other) => one.name.localeCompare(other.name));
}

/**
 * Deletes streams with all that is in them, and makes those anew that services talk through, with as many copies as the
 * system has. Safe to repeat.
 */
export async function remakeStreams(
  { connection }: NatsLink,
  names: readonly string[],
  options: StreamsOptions = {},
): Promise<void> {
  const manager = await streamManager(connection);
  const replicas = (await copiesOfSystem(manager)) ?? options.replicas;
  for (const name of names) await manager.streams.delete(name);
  await ensureStreams(connection, { ...options, replicas });
}

/** Whether anybody listens to the subject now. What is sent there is an empty object. */
export async function isHeard({ connection }: NatsLink, subject: string): Promise<boolean> {
  try {
    await connection.request(subject, '{}', { timeout: ANSWER_MS });
    return true;
  } catch (error) {
    const isNobody =
      error instanceof NoRespondersError ||
      (error instanceof RequestError && error.isNoResponders());
    return !isNobody;
  }
}

const LOOKS = 3;

/** Messages and consumers are counted one after the other, so that one under way may look stuck: the least counts. */
async function stuckIn(manager: JetStreamManager, { config }: StreamInfo): Promise<number> {
  if (config.retention !== RetentionPolicy.Workqueue) return 0;
  let least = Infinity;
  for (let looks = 0; looks < LOOKS && least > 0; looks += 1) {
    const { state } = await manager.streams.info(config.name);
    let known = 0;
    let consumers = 0;
    for await (const { num_pending, num_ack_pending } of manager.consumers.list(config.name)) {
      consumers += 1;
      known += num_pending + num_ack_pending;
    }
    least = Math.min(least, consumers === 0 ? 0 : Math.max(0, state.messages - known));
  }
  return least;
}

function reportOf(stream: StreamInfo): Omit<StreamReport, 'stuck'> {
  const { messages, bytes, first_seq: firstSequence, last_seq: lastSequence } = stream.state;
  const { name } = stream.config;
  return { name, messages, bytes, firstSequence, lastSequence, isDamaged: isDamaged(stream) };
}
