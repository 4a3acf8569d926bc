import type { ModelTool } from '../../models/model.port.js';
import { isRecord } from '../records.js';
import type { ToolList, ToolResult } from '../tool-server.port.js';
import { readToolResult } from './tool-content.js';

/** What a server may offer beside tools. */
export type Offering = 'resources' | 'prompts';

export type ReadMethod =
  'resources/list' | 'resources/templates/list' | 'resources/read' | 'prompts/list' | 'prompts/get';

/** Asks the server once; resolves to what it sent. */
export type AskServer = (
  method: ReadMethod,
  params: Readonly<Record<string, unknown>>,
) => Promise<unknown>;

type Arguments = Readonly<Record<string, unknown>>;

interface ServerRead {
  readonly offering: Offering;
  readonly tool: ModelTool;
  readonly read: (input: Arguments, ask: AskServer) => Promise<ToolResult>;
}

const MAX_LINES = 200;
const MAX_LINE_CHARS = 500;
const text = { type: 'string' } as const;

const READS: readonly ServerRead[] = [
  {
    offering: 'resources',
    tool: {
      name: 'read_resource',
      description: 'Read a resource of this server; without a uri: which there are.',
      inputSchema: { type: 'object', properties: { uri: text, cursor: text } },
    },
    read: readResource,
  },
  {
    offering: 'prompts',
    tool: {
      name: 'get_prompt',
      description: 'Get a prepared prompt of this server; without a name: which there are.',
      inputSchema: {
        type: 'object',
        properties: {
          name: text,
          arguments: { type: 'object', additionalProperties: text },
          cursor: text,
        },
      },
    },
    read: readPrompt,
  },
];

/** The list with tools for what else the server offers, unless it has tools of these names itself. */
export function withReads(list: ToolList, offers: ReadonlySet<Offering>): ToolList {
  const taken = new Set([
    ...list.tools.map(({ name }) => name),
    ...list.leftOut.map(({ tool }) => tool),
  ]);
  const added = READS.filter(({ offering, tool }) => offers.has(offering) && !taken.has(tool.name));
  if (added.length === 0) return list;
  const tools = added.map(({ tool }) => tool);
  return {
    ...list,
    tools: [...list.tools, ...tools],
    reads: new Set(tools.map(({ name }) => name)),
  };
}

/** Whether a tool of that name may be one of these. */
export function mayBeRead(name: string): boolean {
  return READS.some(({ tool }) => tool.name === name);
}

/** Throws what `ask` throws. */
export function readFromServer(
  name: string,
  input: Arguments,
  ask: AskServer,
): Promise<ToolResult> {
  const found = READS.find(({ tool }) => tool.name === name);
  if (found === undefined) throw new Error(`${name} reads nothing`);
  return found.read(input, ask);
}

async function readResource({ uri, cursor }: Arguments, ask: AskServer): Promise<ToolResult> {
  if (isGiven(uri)) {
    const raw = await ask('resources/read', { uri });
    const contents = listIn(raw, 'contents');
    return readToolResult({
      content: contents.map((resource) => ({ type: 'resource', resource })),
    });
  }
  const params = isGiven(cursor) ? { cursor } : {};
  const page = await ask('resources/list', params);
  const lines = listIn(page, 'resources').map((one) => lineOf(one, 'uri'));
  if (!isGiven(cursor)) lines.push(...(await templateLines(ask)));
  return listed(lines, page);
}

/** Not every server that has resources knows of templates. */
async function templateLines(ask: AskServer): Promise<string[]> {
  const page = await ask('resources/templates/list', {}).catch(() => undefined);
  return listIn(page, 'resourceTemplates').map((one) => `${lineOf(one, 'uriTemplate')} (template)`);
}

async function readPrompt(input: Arguments, ask: AskServer): Promise<ToolResult> {
  const { name, cursor, arguments: given } = input;
  if (!isGiven(name)) {
    const page = await ask('prompts/list', isGiven(cursor) ? { cursor } : {});
    return listed(listIn(page, 'prompts').map(promptLine), page);
  }
  const raw = await ask('prompts/get', { name, arguments: isRecord(given) ? given : {} });
  const content = listIn(raw, 'messages').flatMap((message) =>
    isRecord(message)
      ? [{ type: 'text', text: `${asText(message['role'])}:` }, message['content']]
      : [],
  );
  return readToolResult({ content });
}

function promptLine(prompt: unknown): string {
  const names = listIn(prompt, 'arguments').map((one) =>
    isRecord(one) ? asText(one['name']) : '',
  );
  const takes = names.length === 0 ? '' : ` (arguments: ${names.join(', ')})`;
  return `${lineOf(prompt, 'name')}${takes}`;
}

function lineOf(one: unknown, key: string): string {
  if (!isRecord(one)) return '';
  const about = ['title', 'name', 'description', 'mimeType']
    .filter((part) => part !== key)
    .map((part) => asText(one[part]))
    .filter((part) => part !== '');
  return [asText(one[key]), ...about].join(', ').replaceAll(/\s+/g, ' ').slice(0, MAX_LINE_CHARS);
}

function listed(lines: readonly string[], page: unknown): ToolResult {
  const left = lines.length - MAX_LINES;
  const cursor = isRecord(page) ? page['nextCursor'] : undefined;
  const content = [
    ...lines.slice(0, MAX_LINES),
    ...(left > 0 ? [`[${left} more are left out]`] : []),
    ...(isGiven(cursor) ? [`[there are more: cursor ${JSON.stringify(cursor)}]`] : []),
  ].join('\n');
  return { content: (content || 'There are none.').toWellFormed(), isError: false };
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const list = isRecord(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isGiven(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
