import type { ModelTool } from '../../models/model.port.js';
import { DEFINITION_PARTS, definitionOf, type Definition } from '../definition.js';
import { isDeeperThan, isRecord } from '../records.js';
import { faultOfHeaders } from './header-parameters.js';
import { faultOfName, printable } from './tool-names.js';
import type { LeftOut, ToolList } from '../tool-server.port.js';

const MAX_PAGES = 100;
const MAX_TOOLS = 1_000;
/** Of one definition, UTF-8 bytes of its JSON. */
const MAX_TOOL_BYTES = 64 * 1_024;
const MAX_LIST_BYTES = 4 * 1_024 * 1_024;
/** Of a schema, or another part. */
const MAX_LEVELS = 32;
/** One line for each of so many; the rest is counted. */
const MAX_LEFT_OUT = 50;

/** Fetches one page as the server sends it; the first without a cursor. */
export type FetchPage = (cursor: string | undefined) => Promise<unknown>;

/** Reads the list of a server tool by tool: what can't be read, or is too much, is left out and named. Throws what `fetchPage` throws. */
export async function readToolList(
  fetchPage: FetchPage,
  { overHttp = false }: { readonly overHttp?: boolean } = {},
): Promise<ToolList> {
  const reader = new ToolListReader(overHttp);
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await fetchPage(cursor);
    const next = reader.take(page);
    if (next === undefined || reader.isFull) break;
    if (cursors.has(next)) {
      reader.leaveOut('(rest)', `the list names the page ${printable(next)} again and again`);
      break;
    }
    if (pages === MAX_PAGES) {
      reader.leaveOut('(rest)', `the list has more than ${MAX_PAGES} pages`);
      break;
    }
    cursors.add(next);
    cursor = next;
  }
  return reader.list;
}

class ToolListReader {
  private readonly tools = new Map<string, ModelTool>();
  private readonly definitions = new Map<string, Definition>();
  private readonly leftOut: LeftOut[] = [];
  private notNamed = 0;
  private bytes = 0;
  isFull = false;

  constructor(private readonly overHttp: boolean) {}

  get list(): ToolList {
    const more = { tool: `(${this.notNamed} more)`, reason: 'left out as well' };
    const leftOut = this.notNamed === 0 ? this.leftOut : [...this.leftOut, more];
    return { tools: [...this.tools.values()], leftOut, definitions: this.definitions };
  }

  /** Returns the cursor of the next page. */
  take(page: unknown): string | undefined {
    if (!isRecord(page) || !Array.isArray(page['tools'])) {
      this.leaveOut('(all)', 'the answer is no list of tools');
      return undefined;
    }
    for (const tool of page['tools'] as unknown[]) {
      if (this.isFull) break;
      this.takeTool(tool);
    }
    const { nextCursor } = page;
    return typeof nextCursor === 'string' && nextCursor !== '' ? nextCursor : undefined;
  }

  leaveOut(tool: string, reason: string): void {
    if (this.leftOut.length < MAX_LEFT_OUT) this.leftOut.push({ tool, reason });
    else this.notNamed += 1;
  }

  private takeTool(raw: unknown): void {
    if (!isRecord(raw) || typeof raw['name'] !== 'string') {
      this.leaveOut('(no name)', 'it has no name');
      return;
    }
    const { name } = raw;
    const fault = faultOfName(name) ?? this.faultOf(raw, name);
    if (fault !== undefined) this.leaveOut(printable(name), fault);
    else this.keep(name, raw);
  }

  private faultOf(raw: Readonly<Record<string, unknown>>, name: string): string | undefined {
    if (this.tools.has(name)) return 'there is another one of this name';
    const schema = raw['inputSchema'] ?? {};
    if (!isRecord(schema)) return 'its inputSchema is no object';
    if ((schema['type'] ?? 'object') !== 'object')
      return 'its inputSchema is not that of an object';
    const deep = DEFINITION_PARTS.find((part) => isDeeperThan(raw[part], MAX_LEVELS));
    if (deep !== undefined) return `its ${deep} is deeper than ${MAX_LEVELS} levels`;
    const { execution } = raw;
    const needsTask = isRecord(execution) && execution['taskSupport'] === 'required';
    if (needsTask) return 'it can only be called as a task';
    return this.overHttp ? faultOfHeaders(schema) : undefined;
  }

  private keep(name: string, raw: Readonly<Record<string, unknown>>): void {
    const inputSchema = { type: 'object', ...(raw['inputSchema'] ?? {}) };
    const tool = { name, description: descriptionOf(raw), inputSchema };
    const bytes = Buffer.byteLength(JSON.stringify(tool));
    if (bytes > MAX_TOOL_BYTES) {
      this.leaveOut(name, `its definition has more than ${MAX_TOOL_BYTES} bytes`);
      return;
    }
    if (this.tools.size === MAX_TOOLS || this.bytes + bytes > MAX_LIST_BYTES) {
      this.isFull = true;
      this.leaveOut('(rest)', `more than ${MAX_TOOLS} tools or ${MAX_LIST_BYTES} bytes`);
      return;
    }
    this.bytes += bytes;
    this.tools.set(name, tool);
    this.definitions.set(name, definitionOf(raw));
  }
}

/** With its title, where that says more, and what it does to its surroundings, where the server says so. */
function descriptionOf(raw: Readonly<Record<string, unknown>>): string {
  const annotations = isRecord(raw['annotations']) ? raw['annotations'] : {};
  const description = textIn(raw['description']);
  const title = textIn(raw['title']) || textIn(annotations['title']);
  const isSaid = isSame(title, textIn(raw['name'])) || startsWith(description, title);
  const said = description === '' || isSaid ? description || title : `${title}: ${description}`;
  return [said, ...hintsIn(annotations)].filter((text) => text !== '').join(' ');
}

function hintsIn(annotations: Readonly<Record<string, unknown>>): string[] {
  if (annotations['readOnlyHint'] === true) return ['(only reads)'];
  return annotations['destructiveHint'] === true ? ['(may destroy)'] : [];
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value.toWellFormed() : '';
}

const bare = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

function isSame(title: string, name: string): boolean {
  return bare(title) === bare(name);
}

function startsWith(description: string, title: string): boolean {
  return bare(description).startsWith(bare(title));
}
