import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** An ended span that knows about how large it is. */
export interface SizedSpan extends ReadableSpan {
  /** About how many bytes it has, in memory and on the wire. */
  readonly bytes: number;
}
