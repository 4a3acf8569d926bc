import { textBytes, type SpawnedAgent } from '@skynet/domain-agents';
import type { Clock } from '@skynet/platform';
import { notesReadSchema, notesWriteSchema, readInput } from '../tools/built-in-tools.js';
import type { ToolResult } from '../tools/tool-server.port.js';
import type { Note, Notebook } from './notebook.js';
import type { BookPlace, Notebooks } from './notebooks.js';

/** Of the values in one answer. */
const MAX_VALUE_BYTES = 64 * 1_024;

/** A call of an agent that reads or writes the notes of its template. */
export interface NotesCall {
  readonly agent: SpawnedAgent;
  readonly toolCallId: string;
  readonly input: unknown;
}

/** What agents of a template leave for those that come after them; what they read is in their logs. */
export class AgentNotes {
  constructor(
    private readonly books: Notebooks,
    private readonly clock: Pick<Clock, 'nowMs'>,
  ) {}

  async read({ agent, input }: NotesCall): Promise<ToolResult> {
    const place = placeOf(agent);
    if (place === undefined) return NONE;
    const { key, prefix } = readInput(notesReadSchema, input).data ?? {};
    const book = await this.books.read(place);
    return said(key === undefined ? listed(book, prefix) : noteIn(book, key));
  }

  /** Once, however often it is asked for; a write on another version than the expected one is told what there is. */
  async write({ agent, toolCallId, input }: NotesCall): Promise<ToolResult> {
    const place = placeOf(agent);
    if (place === undefined) return NONE;
    const read = readInput(notesWriteSchema, input);
    if (!read.success) throw read.error;
    const { agentId: by } = agent.spawned;
    const write = { ...read.data, id: `${by}:${toolCallId}`, by, atMs: this.clock.nowMs() };
    const written = await this.books.write(place, write);
    const { key } = write;
    if (written.kind === 'written') return said({ key, version: written.version });
    const { code, message } = written;
    const isConflict = code === 'NOTE_CONFLICT';
    const current = isConflict ? { current: noteIn(await this.books.read(place), key) } : {};
    return { ...said({ code, message, ...current }), isError: true };
  }
}

const NONE: ToolResult = { content: 'Your template keeps no notes.', isError: true };

function placeOf({ spawned: { tenant, spec } }: SpawnedAgent): BookPlace | undefined {
  const { template, notes } = spec;
  return notes === true && template !== undefined ? { tenant, template } : undefined;
}

function said(value: unknown): ToolResult {
  return { content: JSON.stringify(value), isError: false };
}

function noteIn({ notes }: Notebook, key: string) {
  return notes.find((note) => note.key === key) ?? { key, version: 0 };
}

/** Keys that begin with the prefix, in order, with the values that fit; without a prefix no values. */
export function listed({ version, notes }: Notebook, prefix?: string) {
  let room = MAX_VALUE_BYTES;
  const found = notes.filter(({ key }) => key.startsWith(prefix ?? ''));
  const shown = found.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(withRoom);
  return { version, notes: shown };

  function withRoom({ value, ...note }: Note) {
    const bytes = textBytes(value);
    const fits = prefix !== undefined && bytes <= room;
    if (fits) room -= bytes;
    return fits ? { ...note, bytes, value } : { ...note, bytes };
  }
}
