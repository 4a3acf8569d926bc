import { causesOf } from '@skynet/platform';
import { ModelError } from '../model.port.js';

const MIB = 1_024 * 1_024;

export interface AnswerBounds {
  readonly bytes: number;
  /** Without an end of line; absent where an answer has no lines. */
  readonly lineBytes?: number;
  /** Of one message of an event stream of AWS; absent where an answer is none. */
  readonly messageBytes?: number;
}

/** Far more than the longest answer. APIs that tell the whole answer again at its end do so in one line. */
const ANSWER_BOUNDS: AnswerBounds = { bytes: 64 * MIB, lineBytes: 16 * MIB };

const LINE_END = 0x0a;
const AWS_EVENTS = 'application/vnd.amazon.eventstream';
/** Each message begins with its length, in so many bytes. */
const PREFIX_BYTES = 4;

/** `send`, whose answers break off with a ModelError where they are larger than any that a model gives. */
export function boundedFetch(send: typeof fetch, bounds = ANSWER_BOUNDS): typeof fetch {
  return async (input, init) => {
    const response = await send(input, init);
    if (response.body === null) return response;
    const isFramed = response.headers.get('content-type')?.startsWith(AWS_EVENTS) === true;
    const meters = [new Meter(bounds), ...(isFramed ? [new MessageMeter(bounds)] : [])];
    const metered = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        if (meters.every((meter) => meter.takes(chunk))) controller.enqueue(chunk);
        else controller.error(new ModelError('the answer is too large', TOO_LARGE));
      },
    });
    return new Response(response.body.pipeThrough(metered), response);
  };
}

/** It would be as large again, and paid for again. */
const TOO_LARGE = { retryable: false, kind: 'bad_answer' } as const;

class Meter {
  private bytes = 0;
  private lineBytes = 0;

  constructor(private readonly bounds: AnswerBounds) {}

  takes(chunk: Uint8Array): boolean {
    const end = chunk.lastIndexOf(LINE_END);
    this.bytes += chunk.length;
    this.lineBytes = end === -1 ? this.lineBytes + chunk.length : chunk.length - end - 1;
    const { bytes, lineBytes = Infinity } = this.bounds;
    return this.bytes <= bytes && this.lineBytes <= lineBytes;
  }
}

/** Who reads messages copies all that has come of one with each piece of it. */
class MessageMeter {
  private prefix = 0;
  private prefixBytes = 0;
  private left = 0;

  constructor(private readonly bounds: AnswerBounds) {}

  takes(chunk: Uint8Array): boolean {
    const { messageBytes = Infinity } = this.bounds;
    for (let at = 0; at < chunk.length;) {
      if (this.left === 0) {
        this.begin(chunk[at] ?? 0);
        at += 1;
        if (this.left > messageBytes) return false;
      } else {
        const read = Math.min(this.left, chunk.length - at);
        this.left -= read;
        at += read;
      }
    }
    return true;
  }

  private begin(byte: number): void {
    this.prefix = this.prefix * 256 + byte;
    this.prefixBytes += 1;
    if (this.prefixBytes < PREFIX_BYTES) return;
    this.left = Math.max(0, this.prefix - PREFIX_BYTES);
    this.prefix = 0;
    this.prefixBytes = 0;
  }
}

/** The ModelError that an error was made of, in whatever a client has wrapped it. */
export function modelErrorIn(error: unknown): ModelError | undefined {
  return causesOf(error).find((each) => each instanceof ModelError);
}
