import type { CommitFile } from './commit-file.js';

/** An event as a client proposes it. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event where it stands. */
export interface RecordedEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: number;
  /** Its place in `$all`; places have gaps, as those of the server do. */
  readonly position: bigint;
  readonly createdMs: number;
}

export type Expectation = number | 'no-stream' | 'stream-exists';

export type AppendOutcome =
  | { readonly kind: 'stored'; readonly revision: number; readonly position: bigint }
  | { readonly kind: 'conflict'; readonly current: number | undefined }
  | { readonly kind: 'deleted' };

/** One line of the file: events of one append, or the end of a stream. */
export type Line =
  | {
      readonly stream: string;
      readonly createdMs: number;
      readonly events: readonly StoredEventLine[];
    }
  | { readonly stream: string; readonly deleted: true };

interface StoredEventLine {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  /** Base64, as the metadata. */
  readonly data: string;
  readonly metadata: string;
}

const POSITION_STEP = 137n;

/** What the server keeps: every event in order, and by stream. Each append is in the file before it counts. */
export class RecordedEvents {
  readonly all: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();
  readonly #deleted = new Set<string>();
  readonly #listeners = new Set<() => void>();

  /** `knowsRepeats`: whether an append of events that stand already in their place is answered as the first one. */
  constructor(
    private readonly file: CommitFile | undefined,
    private readonly knowsRepeats: boolean,
  ) {
    for (const line of file?.lines() ?? []) this.#apply(line as Line);
  }

  stream(name: string): readonly RecordedEvent[] {
    return this.#streams.get(name) ?? [];
  }

  isDeleted(stream: string): boolean {
    return this.#deleted.has(stream);
  }

  append(stream: string, expected: Expectation, proposed: readonly ProposedEvent[]): AppendOutcome {
    if (this.isDeleted(stream)) return { kind: 'deleted' };
    const recorded = this.stream(stream);
    const repeated = this.knowsRepeats && repeatedEnd(recorded, expected, proposed);
    if (repeated) return stored(repeated);
    if (!isMet(expected, recorded.length)) {
      return { kind: 'conflict', current: recorded.at(-1)?.revision };
    }
    const line: Line = { stream, createdMs: Date.now(), events: proposed.map(lineOf) };
    this.file?.append(line);
    this.#apply(line);
    const last = this.stream(stream).at(-1);
    if (last === undefined) throw new Error('an append has at least one event');
    return stored(last);
  }

  /** Ends the stream for good. */
  delete(stream: string): void {
    const line: Line = { stream, deleted: true };
    this.file?.append(line);
    this.#apply(line);
  }

  /** Calls after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #apply(line: Line): void {
    if ('deleted' in line) {
      this.#deleted.add(line.stream);
      return;
    }
    const { stream, createdMs } = line;
    const recorded = this.#streams.get(stream) ?? [];
    this.#streams.set(stream, recorded);
    for (const { data, metadata, ...rest } of line.events) {
      const event: RecordedEvent = {
        ...rest,
        data: Buffer.from(data, 'base64'),
        metadata: Buffer.from(metadata, 'base64'),
        stream,
        createdMs,
        revision: recorded.length,
        position: BigInt(this.all.length + 1) * POSITION_STEP,
      };
      recorded.push(event);
      this.all.push(event);
    }
    for (const listener of this.#listeners) listener();
  }
}

function isMet(expected: Expectation, length: number): boolean {
  if (expected === 'no-stream') return length === 0;
  if (expected === 'stream-exists') return length > 0;
  return expected === length - 1;
}

/** The last of the proposed events when all of them stand where they are expected. */
function repeatedEnd(
  recorded: readonly RecordedEvent[],
  expected: Expectation,
  proposed: readonly ProposedEvent[],
): RecordedEvent | undefined {
  if (expected === 'stream-exists') return undefined;
  const first = expected === 'no-stream' ? 0 : expected + 1;
  const isThere = proposed.every(({ id }, index) => recorded[first + index]?.id === id);
  return isThere ? recorded[first + proposed.length - 1] : undefined;
}

function stored({ revision, position }: RecordedEvent): AppendOutcome {
  return { kind: 'stored', revision, position };
}

function lineOf({ data, metadata, ...rest }: ProposedEvent): StoredEventLine {
  return { ...rest, data: base64(data), metadata: base64(metadata) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
