import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { sleep, systemClock, type Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import { WorldError } from '../../runtime/world-error.js';
import type { Secret } from '../../runtime/secret.js';
import { watchCluster } from './cluster-watch.js';
import { linkOf, type NatsLink } from './nats-link.js';
import { checkServerVersion } from './server-versions.js';
import { inboxPrefixOf } from './inbox-prefix.js';
import { flushEachTurn } from './turn-flush.js';

/** Where the server is and who asks. */
export interface NatsOptions {
  /** One or several servers of one cluster, separated by commas. */
  readonly url: string;
  /** Seed of the user's nkey. Default: no authentication. */
  readonly nkeySeed?: Secret;
  /** PEM file of the authority behind the servers' certificates; switches TLS on. */
  readonly caFile?: string;
  /** Shown in the server's list of connections, and part of the inbox, for example `agent-runtime`. */
  readonly name: string;
  /** How long a server that is not there yet is waited for. Default: 30,000. */
  readonly startTimeoutMs?: number;
  readonly log: Logger;
  readonly clock?: Clock;
}

const RETRY_MS = 500;
const LOG_EVERY_MS = 5_000;

/**
 * Connects, waiting for a server that still starts. Once connected, it reconnects for ever.
 *
 * @throws WorldError `retry: 'later'` when no server answers in time, `'never'` when the server is too old or refuses
 */
export async function connectNats(options: NatsOptions): Promise<NatsLink> {
  const { log, clock = systemClock } = options;
  const connection = await firstConnection(options, clock);
  flushEachTurn(connection);
  const link = linkOf(connection, inboxPrefixOf(options.name), { log, clock });
  try {
    checkServerVersion(link, log);
  } catch (error) {
    await connection.close();
    throw error;
  }
  const { version } = connection.info ?? {};
  log.debug('NATS connected', { server: connection.getServer(), version });
  const servers = options.url.split(',').length;
  void link.closed.then(watchCluster(link, { name: options.name, log, servers, clock }));
  return link;
}

async function firstConnection(options: NatsOptions, clock: Clock): Promise<NatsConnection> {
  const { url, name, nkeySeed, caFile, log, startTimeoutMs = 30_000 } = options;
  const seed = nkeySeed && new TextEncoder().encode(nkeySeed.reveal());
  const startMs = clock.monotonicMs();
  for (let lastLogMs = -Infinity; ;) {
    try {
      return await connect({
        servers: url.split(','),
        name,
        inboxPrefix: inboxPrefixOf(name),
        ...(seed && { authenticator: nkeyAuthenticator(seed) }),
        ...(caFile !== undefined && { tls: { caFile } }),
        maxReconnectAttempts: -1,
        reconnectTimeWait: 100,
        reconnectJitter: 200,
        // A server that hangs is left after 4.5 s.
        pingInterval: 1_500,
        maxPingOut: 2,
        // One that hangs still takes connections, and says nothing on them.
        timeout: 2_000,
        // Halves the cost of a request; our errors name the subject instead of the caller's stack.
        noAsyncTraces: true,
      });
    } catch (error) {
      if (isRefusal(error)) throw new WorldError(`NATS refuses ${name}`, 'never', { cause: error });
      const waitedMs = clock.monotonicMs() - startMs;
      if (waitedMs >= startTimeoutMs) throw notThere(url, startTimeoutMs, error);
      if (waitedMs - lastLogMs >= LOG_EVERY_MS) {
        lastLogMs = waitedMs;
        log.warn('waiting for NATS', { url: withoutCredentials(url), error: String(error) });
      }
      await sleep(clock, RETRY_MS);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'AuthorizationError';
}

function notThere(url: string, startTimeoutMs: number, cause: unknown): WorldError {
  return new WorldError(
    `no nats-server at ${withoutCredentials(url)} after ${startTimeoutMs / 1_000} s: check that it runs there, with JetStream (-js), and that NATS_URL names it`,
    'later',
    { cause },
  );
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]+@/g, '//');
}
