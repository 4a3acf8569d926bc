import { isUtf8 } from 'node:buffer';
import {
  attachmentIdSchema,
  type AgentEvent,
  type AgentEventData,
  type Text,
} from '@skynet/contracts';
import { textBytes, type ConversationEntry, type SpawnedAgent } from '@skynet/domain-agents';
import { readText, type PayloadStore } from '@skynet/platform';
import { wholeReads } from '../../attachments/whole-reads.js';
import { loggedEvents, readAgentLog, type LogSource } from '../../past/agent-log.js';
import { readInput, readResultSchema } from '../../tools/built-in-tools.js';
import type { ToolResult } from '../../tools/tool-server.port.js';

/** So many are named, the newest. */
const MAX_NAMED = 50;

interface PastResult {
  readonly id: string;
  /** The tool, or the child. */
  readonly of: string;
  readonly content: Text;
}

/** Characters of a text. */
interface Part {
  readonly offset: number;
  readonly limit: number;
}

/** What tools and children answered an agent, as its log has it: whole, also what its model is not shown any more. */
export class PastResults {
  constructor(
    private readonly log: LogSource,
    private readonly payloads: PayloadStore,
  ) {}

  /** A page of one, or which there are; of that very agent and its children only. */
  async read(agent: SpawnedAgent, input: unknown): Promise<ToolResult> {
    const { id, offset, limit } = readInput(readResultSchema, input).data ?? ALL;
    const attached = await this.attachment(agent, { id, offset, limit });
    if (attached !== undefined) return attached;
    const results = await this.resultsOf(agent);
    if (id === undefined) return { content: listed(results), isError: false };
    const found = results.findLast((one) => one.id === id);
    if (found === undefined) return { content: unknownResult(id), isError: true };
    const text = await readText(this.payloads, agent.spawned.tenant, found.content);
    return { content: page(text, offset, limit), isError: false };
  }

  /** By the hash of its bytes, which nobody guesses; undefined where the id is none of one. */
  private async attachment(
    { spawned }: SpawnedAgent,
    { id, ...part }: Part & { readonly id?: string | undefined },
  ): Promise<ToolResult | undefined> {
    const known = attachmentIdSchema.safeParse(id);
    if (!known.success) return undefined;
    return wholeReads.run(spawned.tenant, async () => {
      const bytes = await this.payloads.find(spawned.tenant, known.data);
      return bytes === undefined ? undefined : pageOf(bytes, part);
    });
  }

  private async resultsOf(agent: SpawnedAgent): Promise<PastResult[]> {
    const { tenant, agentId } = agent.spawned;
    const log = await readAgentLog(this.log, tenant, agentId);
    const events = log === undefined ? [] : await loggedEvents(log);
    const names = new Map<string, string>();
    const results = events.flatMap((event) => resultsIn(event, names));
    return [...results, ...resultsOfChildren(agent)];
  }
}

const ALL = readResultSchema.parse({});

function pageOf(bytes: Buffer, { offset, limit }: Part): ToolResult {
  if (isUtf8(bytes))
    return { content: page(bytes.toString('utf8'), offset, limit), isError: false };
  return { content: `NO_TEXT: ${bytes.length} bytes that are no text.`, isError: true };
}

function resultsIn(event: AgentEvent, names: Map<string, string>): PastResult[] {
  switch (event.type) {
    case 'ModelCallSettled': {
      const { outcome } = event.data;
      know(names, outcome.kind === 'answered' ? outcome.toolCalls : []);
      return [];
    }
    case 'ToolCallSettled':
      return resultOf(event.data, names);
    case 'HistoryShared':
      return event.data.conversation.flatMap((entry) => sharedResult(entry, names));
    default:
      return [];
  }
}

function sharedResult(entry: ConversationEntry, names: Map<string, string>): PastResult[] {
  if (entry.kind === 'answer') know(names, entry.toolCalls);
  return entry.kind === 'toolResult' ? resultOf(entry, names) : [];
}

function know(
  names: Map<string, string>,
  calls: readonly { readonly id: string; readonly name: string }[],
): void {
  for (const { id, name } of calls) names.set(id, name);
}

/** Those of tools of servers: the others are a word. */
function resultOf(
  { toolCallId: id, content }: Pick<AgentEventData<'ToolCallSettled'>, 'toolCallId' | 'content'>,
  names: ReadonlyMap<string, string>,
): PastResult[] {
  const of = names.get(id) ?? '';
  return of.includes('__') ? [{ id, of, content }] : [];
}

function resultsOfChildren({ children }: SpawnedAgent): PastResult[] {
  return [...children].flatMap(([id, { ended }]) =>
    ended?.output === undefined ? [] : [{ id, of: 'a child', content: ended.output }],
  );
}

function listed(results: readonly PastResult[]): string {
  if (results.length === 0) return 'There are no results yet.';
  const newest = results.slice(-MAX_NAMED).reverse();
  const lines = newest.map(({ id, of, content }) => `${id}  ${of}, ${textBytes(content)} bytes`);
  const older = results.length - newest.length;
  return [...lines, ...(older > 0 ? [`[${older} older ones]`] : [])].join('\n');
}

function unknownResult(id: string): string {
  return `There is no result ${id} of yours. Leave id out to be told which there are.`;
}

/** Says where it is in the text, and where the next one begins. */
function page(text: string, offset: number, limit: number): string {
  const start = wholeAt(text, Math.min(offset, text.length));
  const end = wholeAt(text, Math.min(start + limit, text.length));
  const next = end < text.length ? `; go on with offset ${end}` : '';
  return `[characters ${start} to ${end} of ${text.length}${next}]\n${text.slice(start, end)}`;
}

/** Before that character where it is the second half of one. */
function wholeAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 0 ? at - 1 : at;
}
