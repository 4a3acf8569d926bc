import type { AgentRow, Text } from '@skynet/contracts';
import { readText, within, WorldError, type Clock, type PayloadStore } from '@skynet/platform';
import type { FoundAgent } from './agent-reader.js';

/** An output that is kept beside the log is there in milliseconds, or its store is away. */
const READ_LIMIT_MS = 1_500;
/** Left of the 2 s when the row's store has just shown that it does not answer. */
const SECOND_LIMIT_MS = 250;
const KEPT_CHARS = 4 * 1024 * 1024;

/** Outputs of agents; those that were read last also while their store does not answer. */
export class OutputReader {
  private readonly known = new Map<string, string>();
  private knownChars = 0;

  constructor(
    private readonly payloads: PayloadStore,
    private readonly clock: Clock,
  ) {}

  /**
   * The whole output, or what there is of it so far.
   *
   * @throws WorldError `retry: 'later'` when its store does not answer and it was never read, or long ago
   */
  async read({ row, asOfMs }: FoundAgent): Promise<string> {
    const text = textSoFar(row);
    if (typeof text === 'string') return text;
    // It is named by its hash: what was read once is what is there.
    const name = `${row.tenant}/${text.sha256}`;
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const limitMs = asOfMs === undefined ? READ_LIMIT_MS : SECOND_LIMIT_MS;
    const late = () => new WorldError(`the output was not read in ${limitMs} ms`, 'later');
    const reading = readText(this.payloads, row.tenant, text);
    const read = await within(this.clock, limitMs, reading, late);
    this.remember(name, read);
    return read;
  }

  private remember(name: string, text: string): void {
    if (this.known.has(name)) return;
    this.known.set(name, text);
    this.knownChars += text.length;
    for (const [oldest, { length }] of this.known) {
      if (this.knownChars <= KEPT_CHARS) return;
      this.known.delete(oldest);
      this.knownChars -= length;
    }
  }
}

function textSoFar({ output, partial, progress }: AgentRow): Text {
  return output ?? partial ?? progress?.message ?? '';
}
