import type { IncomingMessage } from 'node:http';

/** A sender that has not stopped by then is hung up on. */
const DISCARDED_MAX = 4;

/**
 * The body of a request as it comes in. `too large`: beyond so many bytes, and the rest was thrown away, so that the sender
 * hears of it. `cut off`: the sender has left in the middle.
 */
export async function receivedBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | 'too large' | 'cut off'> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maxBytes * DISCARDED_MAX) return 'too large';
      if (bytes <= maxBytes) parts.push(part);
      else parts.length = 0;
    }
  } catch {
    return 'cut off';
  }
  if (!request.complete) return 'cut off';
  return bytes > maxBytes ? 'too large' : Buffer.concat(parts);
}
