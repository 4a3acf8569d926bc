import type { Clock } from '@skynet/platform';
import type { ToolResult } from './tool-server.port.js';

/** Whose result it is, and how long it stands. */
export interface ResultPlace {
  readonly key: string;
  readonly seconds: number;
}

interface Kept {
  readonly result: ToolResult;
  readonly untilMs: number;
  readonly chars: number;
}

/** Results of this process, oldest out first. */
const ROOM = { results: 1_000, chars: 32 * 1_024 * 1_024 };

/** Results of tools that stand for a while, in the memory of this process. Failures are not kept. */
export class ResultCache {
  private readonly kept = new Map<string, Kept>();
  private chars = 0;

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly room = ROOM,
  ) {}

  /** Undefined when nothing stands there, or not any more. */
  get({ key }: ResultPlace): ToolResult | undefined {
    const found = this.kept.get(key);
    if (found === undefined) return undefined;
    if (this.clock.monotonicMs() < found.untilMs) return found.result;
    this.drop(key);
    return undefined;
  }

  keep({ key, seconds }: ResultPlace, result: ToolResult): void {
    const chars = charsOf(result);
    if (result.isError || chars > this.room.chars) return;
    this.drop(key);
    this.kept.set(key, { result, chars, untilMs: this.clock.monotonicMs() + seconds * 1_000 });
    this.chars += chars;
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.room.results && this.chars <= this.room.chars) return;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.chars -= this.kept.get(key)?.chars ?? 0;
    this.kept.delete(key);
  }
}

function charsOf({ content, images = [] }: ToolResult): number {
  return images.reduce((sum, { data }) => sum + data.length, content.length);
}
