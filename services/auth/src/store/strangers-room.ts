import type { Clock, StateStore } from '@skynet/platform';

const MOST_ROWS = 20_000;
const MOST_BYTES = 64 * 1_024 * 1_024;

interface Kept {
  readonly bytes: number;
  readonly sinceMs: number;
}

export interface StrangersRoomOptions {
  readonly clock: Pick<Clock, 'nowMs'>;
  /** How long the bucket keeps a row that nobody writes. */
  readonly keptMs: number;
  /** Rows of logins and devices under way, over all addresses. Default: 20,000, some 10,000 logins at a time. */
  readonly mostRows?: number;
  /** Default: 64 MiB. */
  readonly mostBytes?: number;
}

/** How much of the room is taken that strangers share; each replica counts what all of them write. */
export class StrangersRoom {
  /** Oldest first. */
  private readonly kept = new Map<string, Kept>();
  private bytes = 0;
  private stopWatching: () => Promise<void> = () => Promise.resolve();

  private constructor(private readonly options: StrangersRoomOptions) {}

  static async open(
    rows: StateStore<unknown>,
    options: StrangersRoomOptions,
  ): Promise<StrangersRoom> {
    const room = new StrangersRoom(options);
    room.stopWatching = await rows.watch('', (key, entry) => room.see(key, entry?.value));
    return room;
  }

  /** Whether nobody may begin any more. Who has begun goes on. */
  get isFull(): boolean {
    this.forgetOld();
    const { mostRows = MOST_ROWS, mostBytes = MOST_BYTES } = this.options;
    return this.kept.size >= mostRows || this.bytes >= mostBytes;
  }

  stop(): Promise<void> {
    return this.stopWatching();
  }

  private see(key: string, value: unknown): void {
    this.forget(key);
    if (value === undefined) return;
    const bytes = Buffer.byteLength(JSON.stringify(value));
    this.kept.set(key, { bytes, sinceMs: this.options.clock.nowMs() });
    this.bytes += bytes;
  }

  /** A bucket does not tell when it forgets a row. */
  private forgetOld(): void {
    const { clock, keptMs } = this.options;
    for (const [key, { sinceMs }] of this.kept) {
      if (sinceMs > clock.nowMs() - keptMs) return;
      this.forget(key);
    }
  }

  private forget(key: string): void {
    this.bytes -= this.kept.get(key)?.bytes ?? 0;
    this.kept.delete(key);
  }
}
