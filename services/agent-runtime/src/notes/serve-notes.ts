import { randomUUID } from 'node:crypto';
import {
  notesRequestSchema,
  subjects,
  type NotesAnswer,
  type NotesRequest,
} from '@skynet/contracts';
import type { Clock, MessageBus } from '@skynet/platform';
import { listed } from './agent-notes.js';
import type { Notebooks } from './notebooks.js';

const QUEUE = 'agent-runtime';
/** Messages hold 1 MiB. */
const MOST_BYTES = 512 * 1_024;

interface NotesMeans {
  readonly books: Notebooks;
  readonly clock: Pick<Clock, 'nowMs'>;
}

type Answer = Omit<NotesAnswer, 'worker'>;

/** Shows and changes notes on the word of operators, until the returned function is called. */
export function serveNotes(
  bus: Pick<MessageBus, 'serve'>,
  means: NotesMeans,
  worker: string,
): () => void {
  return bus.serve(subjects.notes, QUEUE, async ({ data }) => ({
    worker,
    ...(await answerTo(notesRequestSchema.parse(data), means)),
  }));
}

/** @throws WorldError when the notes can't be read or written */
async function answerTo(request: NotesRequest, means: NotesMeans): Promise<Answer> {
  const { tenant, template, key, change } = request;
  const { books } = means;
  if (change?.kind === 'remove' && key === undefined) return removed(request, means);
  if (template === undefined) {
    const templates = await books.templatesOf(tenant);
    const all = await Promise.all(templates.map((each) => books.read({ tenant, template: each })));
    const shown = all.map((book, index) => ({ template: templates[index] ?? '', ...listed(book) }));
    return { books: withinOneAnswer(shown) };
  }
  const place = { tenant, template };
  const refused = key === undefined ? undefined : await changed(request, key, means);
  const book = await books.read(place);
  const shown = listed(book, key === undefined ? undefined : key);
  const notes = key === undefined ? shown.notes : shown.notes.filter((note) => note.key === key);
  return { refused, books: [{ template, version: book.version, notes }] };
}

/** Of books that there is no room for only the count of notes: they can be asked for by their template. */
function withinOneAnswer(books: Answer['books']): Answer['books'] {
  let left = MOST_BYTES;
  return books.map((book) => {
    const bytes = Buffer.byteLength(JSON.stringify(book));
    if (bytes > left) return { ...book, notes: [], leftOut: book.notes.length };
    left -= bytes;
    return book;
  });
}

async function changed(
  { tenant, template = '', change, by }: NotesRequest,
  key: string,
  { books, clock }: NotesMeans,
): Promise<string | undefined> {
  if (change === undefined) return undefined;
  const written = await books.write(
    { tenant, template },
    {
      id: randomUUID(),
      key,
      by: by === undefined ? 'operator' : `operator:${by}`,
      atMs: clock.nowMs(),
      ...(change.kind === 'set' && change.value !== undefined && { value: change.value }),
      ...(change.expectedVersion !== undefined && { expectedVersion: change.expectedVersion }),
    },
  );
  return written.kind === 'refused' ? `${written.code}: ${written.message}` : undefined;
}

/** All of a template, or all of a tenant. */
async function removed({ tenant, template }: NotesRequest, { books }: NotesMeans): Promise<Answer> {
  const templates = template === undefined ? await books.templatesOf(tenant) : [template];
  if (template === undefined) await books.removeAll(tenant);
  else await books.clear({ tenant, template });
  return { books: templates.map((each) => ({ template: each, version: 0, notes: [] })) };
}
