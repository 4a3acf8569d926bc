import type { JetStreamManager } from '@nats-io/jetstream';
import { authLogCategories, streams } from '@skynet/contracts';
import { infoOf } from '../../messaging/copies/stream-info.js';
import { streamManager } from '../../messaging/jetstream/jetstream-streams.js';
import { untilItPasses } from '../../messaging/nats/passing-failure.js';
import type { NatsLink } from '../../messaging/nats/nats-link.js';
import { sleep, systemClock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import { WorldError } from '../../runtime/world-error.js';

/** First tokens of the subjects of both logs. */
export const LOG_PREFIX = 'log';
export const AUTH_LOG_PREFIX = 'authlog';

const HINT =
  'users and clients of a release before lie in LOG and not yet in AUTHLOG; ' +
  '"skynet log upgrade" with the operator’s key takes them over';
const WAIT_MS = 30_000;
const LOOK_EVERY_MS = 200;

/**
 * Streams of auth that the common log of a release before holds further than auth's own log does. It looks at names and
 * counts only.
 */
export async function leftBehind({ connection }: NatsLink): Promise<ReadonlySet<string>> {
  const manager = await streamManager(connection);
  const behind = new Set<string>();
  for (const category of authLogCategories) {
    const old = await countsOf(manager, streams.log, `${LOG_PREFIX}.${category}.`);
    if (old.size === 0) continue;
    const own = await countsOf(manager, streams.authLog, `${AUTH_LOG_PREFIX}.${category}.`);
    for (const [id, count] of old) {
      if (count > (own.get(id) ?? 0)) behind.add(`${category}-${id}`);
    }
  }
  return behind;
}

/**
 * Waits for an operator who takes over what was left behind, so that auth never begins without its users.
 *
 * @throws WorldError `retry: 'later'` when nobody does
 */
export async function untilTakenOver(link: NatsLink, log: Logger, waitMs = WAIT_MS): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const behind = await leftBehind(link);
    if (behind.size === 0) return;
    if (waitedMs === 0) log.warn(`waiting: ${HINT}`, { streams: behind.size });
    if (waitedMs >= waitMs) throw new WorldError(HINT, 'later');
    await sleep(systemClock, LOOK_EVERY_MS);
  }
}

/** Messages by the last token of their subject. */
async function countsOf(
  manager: JetStreamManager,
  stream: string,
  prefix: string,
): Promise<ReadonlyMap<string, number>> {
  const info = await untilItPasses(() => infoOf(manager, stream, `${prefix}*`));
  const counts = Object.entries(info?.state.subjects ?? {});
  return new Map(counts.map(([subject, count]) => [subject.slice(prefix.length), count]));
}
