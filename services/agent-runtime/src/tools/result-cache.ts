import type { Clock } from '@skynet/platform';
import { KeptValues, type Place, type Room } from '../kept/kept-values.js';
import type { ToolResult } from './tool-server.port.js';

const ROOM: Room = { values: 1_000, chars: 32 * 1_024 * 1_024 };

/** Results of tools that stand for a while, in the memory of this process. Failures are not kept. */
export class ResultCache {
  private readonly results: KeptValues<ToolResult>;

  constructor(clock: Pick<Clock, 'monotonicMs'>, room = ROOM) {
    this.results = new KeptValues(clock, charsOf, room);
  }

  /** Undefined when nothing stands there, or not any more. */
  get(place: Place): ToolResult | undefined {
    return this.results.get(place);
  }

  keep(place: Place, result: ToolResult): void {
    if (!result.isError) this.results.keep(place, result);
  }
}

function charsOf({ content, images = [], files = [] }: ToolResult): number {
  const kept = files.reduce((sum, { bytes }) => sum + bytes.length, content.length);
  return images.reduce((sum, { data }) => sum + data.length, kept);
}
