import type { Logger } from '../../runtime/logger.js';
import { WorldError } from '../../runtime/world-error.js';
import type { NatsLink } from './nats-link.js';

const OLDEST = { major: 2, minor: 9 };
/** In a cluster 2.9 stores two messages that both expect to be the next one of their subject: the log would fork. */
const OLDEST_IN_CLUSTER = { major: 2, minor: 10 };
/** The oldest that its makers still mend. */
const MENDED = { major: 2, minor: 12 };

type Minor = typeof OLDEST;
type Link = Pick<NatsLink, 'connection' | 'onRestored'>;

/**
 * Warns of a server that is no longer mended, and, when the connection moves to another server of the cluster, of one of
 * another minor version.
 *
 * @throws WorldError `retry: 'never'` when the server is too old to run us
 */
export function checkServerVersion(link: Link, log: Logger): void {
  const { connection } = link;
  const version = connection.info?.version ?? '0.0';
  if (isOlder(minorOf(version), OLDEST)) {
    const needed = `${OLDEST.major}.${OLDEST.minor}`;
    throw new WorldError(
      `nats-server ${version} is too old: ${needed} or newer is needed`,
      'never',
    );
  }
  if (connection.info?.cluster !== undefined && isOlder(minorOf(version), OLDEST_IN_CLUSTER)) {
    const { major, minor } = OLDEST_IN_CLUSTER;
    const message = `nats-server ${version} can not keep a log in a cluster: ${major}.${minor} or newer is needed`;
    throw new WorldError(message, 'never');
  }
  if (isOlder(minorOf(version), MENDED)) {
    const message = `nats-server is older than ${MENDED.major}.${MENDED.minor}: no support, open advisories`;
    log.warn(message, { version });
  }
  let known = { server: connection.getServer(), version };
  link.onRestored(() => {
    const now = { server: connection.getServer(), version: connection.info?.version ?? '0.0' };
    if (now.server !== known.server && !isSameMinor(now.version, known.version)) {
      log.warn('nats-servers of several versions are in this cluster', { before: known, now });
    }
    known = now;
  });
}

function minorOf(version: string): Minor {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return { major, minor };
}

function isSameMinor(one: string, other: string): boolean {
  const [a, b] = [minorOf(one), minorOf(other)];
  return a.major === b.major && a.minor === b.minor;
}

function isOlder(one: Minor, other: Minor): boolean {
  return one.major < other.major || (one.major === other.major && one.minor < other.minor);
}
