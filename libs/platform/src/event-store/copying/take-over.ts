import type { EventStore } from '../event-store.port.js';
import { appendCopy } from './copy-log.js';
import { eachCommit } from './log-digest.js';

/**
 * Appends what one log holds of these streams to another one, which may hold a part of them. Safe to repeat.
 *
 * @throws DamagedStreamError at something in a category of theirs that is no commit of ours
 * @throws LogsDifferError when the other log holds something else in such a stream
 */
export async function takeOver(
  source: EventStore,
  target: EventStore,
  streams: ReadonlySet<string>,
): Promise<void> {
  const prefixes = new Set([...streams].map((stream) => stream.slice(0, stream.indexOf('-') + 1)));
  for (const prefix of prefixes) {
    const part: Pick<EventStore, 'subscribe'> = {
      subscribe: (options, handler) => source.subscribe({ ...options, prefix }, handler),
    };
    await eachCommit(part, async (commit) => {
      if (streams.has(commit.stream)) await appendCopy(target, commit);
    });
  }
}
