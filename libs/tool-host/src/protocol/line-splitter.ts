/** A line that is longer than the limit: its beginning and its end, which say what it was. */
export interface LongLine {
  readonly bytes: number;
  readonly head: Buffer;
  readonly tail: Buffer;
}

export interface LineHandlers {
  readonly onLine: (line: Buffer) => void;
  /** Called once the whole line has gone by. */
  readonly onLongLine: (line: LongLine) => void;
}

const NEWLINE = 0x0a;
const KEPT_BYTES = 1_024;

/** Cuts a stream of bytes into lines and keeps no more of one than the limit. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private bytes = 0;
  private long: { head: Buffer; tail: Buffer } | undefined;

  constructor(
    private readonly maxBytes: number,
    private readonly handlers: LineHandlers,
  ) {}

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.add(chunk.subarray(start, end));
      this.finish();
      start = end + 1;
    }
    this.add(chunk.subarray(start));
  }

  /** What the stream ended with, unless it ended with a whole line. */
  end(): void {
    if (this.bytes > 0) this.finish();
  }

  private add(part: Buffer): void {
    if (part.length === 0) return;
    this.bytes += part.length;
    if (this.long !== undefined) {
      this.long.tail = lastOf(this.long.tail, part);
      return;
    }
    this.parts.push(part);
    if (this.bytes <= this.maxBytes) return;
    const begun = Buffer.concat(this.parts);
    this.parts = [];
    const head = Buffer.from(begun.subarray(0, KEPT_BYTES));
    this.long = { head, tail: lastOf(Buffer.alloc(0), begun) };
  }

  private finish(): void {
    const { parts, bytes, long } = this;
    this.parts = [];
    this.bytes = 0;
    this.long = undefined;
    if (long !== undefined) this.handlers.onLongLine({ bytes, ...long });
    else this.handlers.onLine(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));
  }
}

function lastOf(before: Buffer, part: Buffer): Buffer {
  const joined = part.length >= KEPT_BYTES ? part : Buffer.concat([before, part]);
  return Buffer.from(joined.subarray(-KEPT_BYTES));
}
