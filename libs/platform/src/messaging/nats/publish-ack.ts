import { z } from 'zod';
import { WorldError } from '../../runtime/world-error.js';
import { OverloadedError } from '../overloaded-error.js';

/** The server has stored the message. */
export interface PublishAck {
  /** Place of the message in its stream. */
  readonly sequence: number;
  /** The message had been stored before, under the same id; `sequence` is that of the first. */
  readonly duplicate: boolean;
}

/** Nothing was stored: the stream has no leader just now, or there is no such stream. */
export class NoLeaderError extends WorldError {
  override readonly name = 'NoLeaderError';

  constructor(message: string) {
    super(message, 'later');
  }
}

/** Nothing was stored: the subject's last message is not the expected one. */
export class SequenceConflictError extends Error {
  override readonly name = 'SequenceConflictError';
}

const refusalSchema = z.object({
  error: z.object({ code: z.int(), err_code: z.int().optional(), description: z.string() }),
});

// "wrong last sequence: N", and its form without the number in newer servers.
const WRONG_LAST_SEQUENCE = [10_071, 10_164];
const UNAVAILABLE = 503;
// What a server says that has no room; with other codes of 503 it waits for a leader, or for its own start.
const FULL = new Set([10_023, 10_047, 10_077]);

/**
 * Reads the answer to a publish.
 *
 * @throws SequenceConflictError when an expectation was not met
 * @throws OverloadedError when the stream or the disk is full
 * @throws NoLeaderError when the stream has no leader, or there is none
 * @throws WorldError `retry: 'never'` for any other refusal
 */
export function parseAck(subject: string, body: string, status: number | undefined): PublishAck {
  if (status === UNAVAILABLE) throw new NoLeaderError(`no stream takes ${subject} now`);
  const answer = json(body);
  const ack = ackIn(answer);
  if (ack !== undefined) return ack;
  const refusal = refusalSchema.safeParse(answer);
  if (!refusal.success) throw new WorldError(`${subject}: no ack but ${body}`, 'never');
  const { code, err_code: errorCode = 0, description } = refusal.data.error;
  if (WRONG_LAST_SEQUENCE.includes(errorCode)) throw new SequenceConflictError(description);
  if (FULL.has(errorCode)) {
    // The description names files of the server, and this text reaches clients.
    throw new OverloadedError(`there is no room for ${subject}`, { cause: description });
  }
  if (code === UNAVAILABLE) throw new NoLeaderError(`${subject} is refused: ${description}`);
  throw new WorldError(`${subject} is refused: ${description} (${errorCode})`, 'never');
}

// By hand: this runs once per message, and a schema would cost more than the rest of the way.
function ackIn(answer: unknown): PublishAck | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  // A refusal carries a sequence as well: 0.
  if ('error' in answer || !('seq' in answer) || typeof answer.seq !== 'number') return undefined;
  return { sequence: answer.seq, duplicate: 'duplicate' in answer && answer.duplicate === true };
}

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
