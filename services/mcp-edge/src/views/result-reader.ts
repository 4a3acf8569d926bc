import { RESULT_PAGE_CHARS, type AgentRow, type ResultShape } from '@skynet/contracts';
import type { AgentReader, FoundAgent } from './agent-reader.js';
import { asOf, childrenOf, toolsLeftOut, usageOf } from './agent-shapes.js';
import type { OutputReader } from './output-reader.js';
import { cursorAt } from './page-cursor.js';

/** Deeper values can't be read by every client, nor written. */
const MAX_DEPTH = 100;

/** Results of agents, in pages. */
export class ResultReader {
  constructor(
    private readonly reader: Pick<AgentReader, 'childrenOf'>,
    private readonly outputs: OutputReader,
  ) {}

  /**
   * The page that begins at that character of the output.
   *
   * @throws WorldError `retry: 'later'` when the output or the children can't be read now
   */
  async read(found: FoundAgent, from = 0): Promise<ResultShape> {
    const { row, asOfMs } = found;
    const { agentId, status, failure } = row;
    const [text, children] = await Promise.all([
      this.outputs.read(found),
      this.reader.childrenOf(found),
    ]);
    const end = endOfPage(text, from);
    return {
      agentId,
      status,
      output: text.slice(from, end),
      ...(from === 0 && end >= text.length && structured(row, text)),
      ...(status !== 'completed' && { partial: true }),
      ...(failure !== undefined && { failure }),
      ...attachmentsNamedIn(text, [row, ...children]),
      ...toolsLeftOut(row),
      usage: usageOf(row),
      children: childrenOf(children),
      ...(end < text.length && { nextCursor: cursorAt(end) }),
      ...asOf(asOfMs),
    };
  }
}

/** Each once. */
function attachmentsNamedIn(
  text: string,
  rows: readonly Pick<AgentRow, 'attachments'>[],
): Pick<ResultShape, 'attachments'> {
  const known = rows.flatMap(({ attachments = [] }) => attachments);
  const named = new Map(known.filter(({ id }) => text.includes(id)).map((each) => [each.id, each]));
  return named.size === 0 ? {} : { attachments: [...named.values()] };
}

function structured(
  { status, answersInJson }: AgentRow,
  text: string,
): Pick<ResultShape, 'structuredOutput'> {
  if (status !== 'completed' || answersInJson !== true) return {};
  // Found to be JSON before the agent completed.
  const structuredOutput: unknown = JSON.parse(text);
  return isFlat(structuredOutput) ? { structuredOutput } : {};
}

/** Looks no deeper than it has to. */
function isFlat(value: unknown, depth = 1): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth <= MAX_DEPTH && Object.values(value).every((inner) => isFlat(inner, depth + 1));
}

/** A page never ends between the two halves of a character. */
function endOfPage(text: string, from: number): number {
  const end = from + RESULT_PAGE_CHARS;
  const last = text.charCodeAt(end - 1);
  const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
  return isHighSurrogate && end < text.length ? end - 1 : end;
}
