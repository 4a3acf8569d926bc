import { payloadRefSchema } from '@skynet/contracts';
import type { Commit } from './event-store.port.js';
import { encodeCommit } from './log-message.js';

/** What a log holds of one stream, bytes as UTF-8 JSON. */
export interface StreamStats {
  readonly stream: string;
  readonly commits: number;
  readonly events: number;
  /** Of commits, and of the payloads that they name, each once. */
  readonly storedBytes: number;
  /** Of different texts that somebody said: what any log of this stream must hold. */
  readonly contentBytes: number;
}

export interface TypeStats {
  readonly type: string;
  readonly events: number;
  /** Of the events' data. */
  readonly bytes: number;
}

export interface LogStatsReport {
  readonly streams: number;
  readonly commits: number;
  readonly events: number;
  /** Of all commits, without payloads. */
  readonly bytes: number;
  /** Payloads that the log names, each once for each tenant. */
  readonly payloads: { readonly count: number; readonly bytes: number };
  /** Largest first. */
  readonly types: readonly TypeStats[];
  /** Largest first. */
  readonly largest: readonly StreamStats[];
}

interface StreamSum {
  commits: number;
  events: number;
  bytes: number;
  readonly payloads: Map<string, number>;
  readonly texts: Map<string, number>;
}

/** Names and numbers written as text are no content. */
const SHORTEST_TEXT_CHARS = 16;
const HASH_OR_ID = /^([0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Adds commits up. Keeps a short key for each text, so that a log larger than memory can be counted. */
export class LogStats {
  private readonly streams = new Map<string, StreamSum>();
  private readonly types = new Map<string, { events: number; bytes: number }>();
  private readonly payloads = new Map<string, number>();

  constructor(private readonly hashOf: (text: string) => string) {}

  add({ stream, events }: Pick<Commit, 'stream' | 'events'>): void {
    const sum = this.streams.get(stream) ?? emptySum();
    this.streams.set(stream, sum);
    sum.commits += 1;
    sum.events += events.length;
    sum.bytes += Buffer.byteLength(encodeCommit(events));
    for (const { type, data, metadata } of events) {
      const before = this.types.get(type) ?? { events: 0, bytes: 0 };
      const bytes = before.bytes + Buffer.byteLength(JSON.stringify(data));
      this.types.set(type, { events: before.events + 1, bytes });
      this.collect(data, sum, metadata.tenant);
    }
  }

  /** `largest`: how many streams to name. */
  report(largest: number): LogStatsReport {
    const streams = [...this.streams].map(([stream, sum]) => ({ stream, ...statsOf(sum) }));
    const types = [...this.types].map(([type, sum]) => ({ type, ...sum }));
    return {
      streams: streams.length,
      commits: total(streams, ({ commits }) => commits),
      events: total(streams, ({ events }) => events),
      bytes: total([...this.streams.values()], ({ bytes }) => bytes),
      payloads: { count: this.payloads.size, bytes: total([...this.payloads.values()], (b) => b) },
      types: types.sort((a, b) => b.bytes - a.bytes),
      largest: streams.sort((a, b) => b.storedBytes - a.storedBytes).slice(0, largest),
    };
  }

  private collect(value: unknown, sum: StreamSum, tenant: string): void {
    if (typeof value === 'string') {
      const isText = value.length >= SHORTEST_TEXT_CHARS && !HASH_OR_ID.test(value);
      if (isText) sum.texts.set(this.hashOf(value), Buffer.byteLength(value));
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const ref = payloadRefSchema.safeParse(value);
    if (!ref.success) {
      for (const inner of Object.values(value)) this.collect(inner, sum, tenant);
      return;
    }
    const { sha256, bytes } = ref.data;
    sum.payloads.set(sha256, bytes);
    sum.texts.set(sha256, bytes);
    this.payloads.set(`${tenant}.${sha256}`, bytes);
  }
}

function emptySum(): StreamSum {
  return { commits: 0, events: 0, bytes: 0, payloads: new Map(), texts: new Map() };
}

function statsOf({ commits, events, bytes, payloads, texts }: StreamSum) {
  const storedBytes = bytes + total([...payloads.values()], (each) => each);
  const contentBytes = total([...texts.values()], (each) => each);
  return { commits, events, storedBytes, contentBytes };
}

function total<Item>(items: readonly Item[], amountOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}
