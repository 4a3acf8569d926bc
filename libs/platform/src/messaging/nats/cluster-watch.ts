import { streams, subjects } from '@skynet/contracts';
import { systemClock, type Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import type { NatsLink } from './nats-link.js';

const LOOK_MS = 1_000;
const ANSWER_MS = 1_000;
/** An election is over by then, most of the time. */
const FAILURES = 3;
/** When the whole cluster is in trouble no other server is better: processes must not hop from one to the next. */
const STAY_MS = 10_000;
const NOT_FOUND = 404;

export interface ClusterWatchOptions {
  readonly name: string;
  readonly log: Logger;
  /** That the process was told of. */
  readonly servers: number;
  readonly clock?: Clock;
}

/**
 * Leaves a server that has lost its cluster for another one: it keeps its clients and answers none of their requests to
 * JetStream. Does nothing while only one server is known. Until the returned function is called.
 */
export function watchCluster(
  link: NatsLink,
  { name, log, servers, clock = systemClock }: ClusterWatchOptions,
): () => void {
  let failures = 0;
  let movedMs = -Infinity;
  let cancel = (): void => undefined;
  let isOver = false;

  async function look(): Promise<void> {
    if ((servers > 1 || tellsOfOthers(link)) && link.isConnected()) {
      failures = (await isOfUse(link, name)) ? 0 : failures + 1;
      const nowMs = clock.monotonicMs();
      if (failures >= FAILURES && nowMs - movedMs >= STAY_MS) {
        movedMs = nowMs;
        failures = 0;
        await move();
      }
    }
    lookLater();
  }

  async function move(): Promise<void> {
    const server = link.connection.getServer();
    log.warn('this NATS server does not reach JetStream, moving to another one', { server });
    await link.connection.reconnect().catch((error: unknown) => {
      log.warn('could not move to another NATS server', { server, error });
    });
  }

  function lookLater(): void {
    if (!isOver && !link.connection.isClosed()) cancel = clock.timer(LOOK_MS, () => void look());
  }

  lookLater();
  return () => {
    isOver = true;
    cancel();
  };
}

/** A server that has lost the others may not name them any more. */
function tellsOfOthers({ connection }: NatsLink): boolean {
  return (connection.info?.connect_urls?.length ?? 0) > 1;
}

/**
 * Whether the server reaches the leader of the stream that is published to. A leader that has lost the others still answers
 * questions, and acknowledges nothing; one may also be left without anybody who takes what is published.
 */
async function isOfUse(link: NatsLink, name: string): Promise<boolean> {
  const [isAbsent, isTaken] = await Promise.all([isStreamAbsent(link), takes(link, name)]);
  return isTaken || isAbsent;
}

/** As in an installation of an older release; only a server that reaches the others knows. */
async function isStreamAbsent({ connection }: NatsLink): Promise<boolean> {
  try {
    const subject = `$JS.API.STREAM.INFO.${streams.health}`;
    const reply = await connection.request(subject, '', { timeout: ANSWER_MS });
    return reply.json<{ error?: { code?: number } }>().error?.code === NOT_FOUND;
  } catch {
    return false;
  }
}

async function takes({ connection }: NatsLink, name: string): Promise<boolean> {
  try {
    await connection.request(subjects.health(name), '{}', { timeout: ANSWER_MS });
    return true;
  } catch {
    return false;
  }
}
