import { rejectionSchema } from '@skynet/contracts';
import { z } from 'zod';
import { ClosedError } from '../runtime/closed-error.js';
import { WorldError } from '../runtime/world-error.js';
import { RefusedError } from './refused-error.js';

const replySchema = z.union([
  z.object({ refused: rejectionSchema }),
  z.object({ error: z.object({ message: z.string(), retry: z.enum(['never', 'later']) }) }),
  z.object({ answer: z.unknown() }),
]);

/** Runs the handler of a request; its answer or its error becomes the body of the reply. */
export async function replyOf(handle: () => Promise<unknown>): Promise<unknown> {
  try {
    return { answer: (await handle()) ?? null };
  } catch (error) {
    if (error instanceof RefusedError) return { refused: error.rejection };
    const retry = retryElsewhere(error);
    return { error: { message: error instanceof Error ? error.message : String(error), retry } };
  }
}

/** What this process has closed, as it ends, its replicas may have open. */
function retryElsewhere(error: unknown): WorldError['retry'] {
  if (error instanceof ClosedError) return 'later';
  return error instanceof WorldError ? error.retry : 'never';
}

/**
 * The answer in the body of a reply.
 *
 * @throws RefusedError when the other side says no
 * @throws WorldError when the other side failed or talks another language
 */
export function answerOf(subject: string, body: unknown): unknown {
  const reply = replySchema.safeParse(body);
  if (!reply.success) throw new WorldError(`${subject}: the reply is not understood`, 'never');
  if ('refused' in reply.data) throw new RefusedError(reply.data.refused);
  if ('error' in reply.data) {
    throw new WorldError(`${subject}: ${reply.data.error.message}`, reply.data.error.retry);
  }
  return reply.data.answer;
}
