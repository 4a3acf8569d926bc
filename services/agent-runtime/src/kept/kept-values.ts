import type { Clock } from '@skynet/platform';

/** Where a value stands, and how long. */
export interface Place {
  readonly key: string;
  readonly seconds: number;
}

interface Kept<Value> {
  readonly value: Value;
  readonly untilMs: number;
  readonly chars: number;
}

/** Of this process. */
export interface Room {
  readonly values: number;
  readonly chars: number;
}

/** Values that stand for a while, in the memory of this process; the oldest leave first. */
export class KeptValues<Value> {
  private readonly kept = new Map<string, Kept<Value>>();
  private chars = 0;

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly charsOf: (value: Value) => number,
    private readonly room: Room,
  ) {}

  /** Undefined when nothing stands there, or not any more. */
  get({ key }: Place): Value | undefined {
    const found = this.kept.get(key);
    if (found === undefined) return undefined;
    if (this.clock.monotonicMs() < found.untilMs) return found.value;
    this.drop(key);
    return undefined;
  }

  keep({ key, seconds }: Place, value: Value): void {
    const chars = this.charsOf(value);
    if (chars > this.room.chars) return;
    this.drop(key);
    this.kept.set(key, { value, chars, untilMs: this.clock.monotonicMs() + seconds * 1_000 });
    this.chars += chars;
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.room.values && this.chars <= this.room.chars) return;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.chars -= this.kept.get(key)?.chars ?? 0;
    this.kept.delete(key);
  }
}
