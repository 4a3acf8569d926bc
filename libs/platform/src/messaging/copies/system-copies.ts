import type { JetStreamManager } from '@nats-io/jetstream';
import { streams } from '@skynet/contracts';
import type { Logger } from '../../runtime/logger.js';
import { isRefusal } from '../nats/refusal.js';
import { streamOf } from './stream-info.js';

/** Tell how many copies a system has; each process may look at the first, and who remakes streams at both. */
const TELLING = [streams.commands, streams.log];

/**
 * Copies of a stream or bucket that is made now: as many as the system has. `wished` counts only where nothing is there
 * yet, so that no process changes what the deployment is.
 */
export async function copiesOfNew(manager: JetStreamManager, wished = 1): Promise<number> {
  return (await copiesOfSystem(manager)) ?? wished;
}

/** Undefined where nothing is there yet. */
export async function copiesOfSystem(manager: JetStreamManager): Promise<number | undefined> {
  for (const name of TELLING) {
    const copies = await copiesOf(manager, name);
    if (copies !== undefined) return copies;
  }
  return undefined;
}

/** Warns, in one line, of streams that have another number of copies than the process was told. */
export function warnOfOtherCopies(
  found: readonly { readonly num_replicas: number }[],
  wished: number | undefined,
  log: Logger,
): void {
  const others = found.filter(({ num_replicas: copies }) => copies !== wished);
  if (wished === undefined || others.length === 0) return;
  const copies = [...new Set(others.map(({ num_replicas: each }) => each))].join(' or ');
  log.warn(
    `NATS_REPLICAS is ${wished}, but ${others.length} of ${found.length} streams have another number of copies (${copies}), ` +
      'which stays: "skynet log replicas" shows and changes it',
  );
}

async function copiesOf(manager: JetStreamManager, name: string): Promise<number | undefined> {
  try {
    return (await streamOf(manager, name))?.num_replicas;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
