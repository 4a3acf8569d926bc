import {
  StrangeStreamError,
  UnknownEventError,
  UnreadableEventError,
  type StoredShape,
} from '@skynet/contracts';
import { WorldError } from '../runtime/world-error.js';
import { DamagedStreamError } from './damaged-stream.js';
import type { Damage, StoredEvent, StreamFault } from './event-store.port.js';

/** A stream holds an event that this program can't read. Trying again in this process does not help. */
export class UnreadableStreamError extends WorldError {
  override readonly name = 'UnreadableStreamError';

  constructor(
    readonly fault: StreamFault,
    options?: { readonly cause?: unknown },
  ) {
    super(messageOfFault(fault), 'never', options);
  }
}

/** The stream that an error is about, when it says that the stream can't be read; else undefined. */
export function faultOf(error: unknown): StreamFault | undefined {
  if (error instanceof UnreadableStreamError) return error.fault;
  return error instanceof DamagedStreamError ? faultOfDamage(error.damage) : undefined;
}

export function faultOfDamage({ stream, position, reason, isNewer = false }: Damage): StreamFault {
  return { stream, place: `message ${position} of the log`, reason, isNewer };
}

/** @throws UnreadableStreamError when `read` says that this program can't read the event */
export function readStored<Event>(
  stored: StoredEvent,
  read: (stored: StoredShape & { readonly stream: string }) => Event,
): Event {
  try {
    return read(stored);
  } catch (error) {
    const { stream, revision } = stored;
    const place = `event ${revision}`;
    if (error instanceof UnknownEventError && error.isNewer) {
      const reason = `it needs a release that knows ${error.type} v${error.version}`;
      throw new UnreadableStreamError({ stream, place, reason, isNewer: true }, { cause: error });
    }
    if (!isStrange(error)) throw error;
    const fault = { stream, place, reason: error.message, isNewer: false };
    throw new UnreadableStreamError(fault, { cause: error });
  }
}

/** One sentence for whoever asked about the stream. */
export function messageOfFault({ stream, place, reason, isNewer }: StreamFault): string {
  const state = isNewer ? 'is ahead of this release' : 'is damaged';
  return `${stream} ${state} at ${place}: ${reason}`;
}

function isStrange(error: unknown): error is Error {
  return (
    error instanceof UnknownEventError ||
    error instanceof UnreadableEventError ||
    error instanceof StrangeStreamError
  );
}
