import { z } from 'zod';
import { textBytes } from '@skynet/domain-agents';

const MAX_KEYS = 256;
const MAX_VALUE_BYTES = 16 * 1_024;
/** Of all keys and values together. */
const MAX_BOOK_BYTES = 256 * 1_024;
/** Writes that a repeat is known by. */
const MAX_WRITES = 128;

const noteSchema = z.object({
  key: z.string(),
  value: z.string(),
  /** Number of the write among all of the book: no key has the same one twice. */
  version: z.int().positive(),
  /** An agent, or `operator:` and a name. */
  by: z.string(),
  atMs: z.number(),
});
export type Note = z.infer<typeof noteSchema>;

/** As the store has it; another form is of another release. */
const notebookSchema = z.object({
  format: z.literal(1),
  version: z.int().nonnegative(),
  notes: z.array(noteSchema),
  writes: z.array(z.object({ id: z.string(), version: z.int().nonnegative() })),
});
export type Notebook = z.infer<typeof notebookSchema>;

export const EMPTY_BOOK: Notebook = { format: 1, version: 0, notes: [], writes: [] };

export interface NoteWrite {
  /** The same id is the same write. */
  readonly id: string;
  readonly key: string;
  /** Absent: the note is taken off. */
  readonly value?: string;
  /** 0: it is not there. Absent: whatever it has. */
  readonly expectedVersion?: number;
  readonly by: string;
  readonly atMs: number;
}

/** `version`: of the key by now, 0 when it is not there. */
export type Written =
  | { readonly kind: 'written'; readonly book: Notebook; readonly version: number }
  | {
      readonly kind: 'refused';
      readonly code: 'NOTE_CONFLICT' | 'LIMIT_NOTES';
      readonly message: string;
    };

export function readNotebook(stored: unknown): Notebook | undefined {
  return notebookSchema.safeParse(stored).data;
}

/** Once for each id, and only where the key has the version that the writer knows. */
export function writeNote(book: Notebook, write: NoteWrite): Written {
  const before = book.writes.find((known) => known.id === write.id);
  if (before !== undefined) return { kind: 'written', book, version: before.version };
  const found = book.notes.find((note) => note.key === write.key)?.version ?? 0;
  return refusalOf(book, write, found) ?? written(book, write, found);
}

/** Without notes; what was known of them stays known. */
export function emptied(book: Notebook): Notebook {
  return book.notes.length === 0 ? book : { ...book, version: book.version + 1, notes: [] };
}

function refusalOf(
  book: Notebook,
  { key, value, expectedVersion: expected }: NoteWrite,
  found: number,
): Written | undefined {
  if (expected !== undefined && expected !== found) {
    const message = `${key} has version ${found}, not ${expected}`;
    return { kind: 'refused', code: 'NOTE_CONFLICT', message };
  }
  const full = value === undefined ? undefined : tooMuch(book, { key, value });
  return full === undefined ? undefined : { kind: 'refused', code: 'LIMIT_NOTES', message: full };
}

function written(book: Notebook, { id, key, value, by, atMs }: NoteWrite, found: number): Written {
  const others = book.notes.filter((note) => note.key !== key);
  const isNothing = value === undefined && found === 0;
  const next = book.version + (isNothing ? 0 : 1);
  const version = value === undefined ? 0 : next;
  const notes = value === undefined ? others : [...others, { key, value, version, by, atMs }];
  const writes = [...book.writes, { id, version }].slice(-MAX_WRITES);
  return { kind: 'written', book: { format: 1, version: next, notes, writes }, version };
}

function tooMuch({ notes }: Notebook, write: Pick<Note, 'key' | 'value'>): string | undefined {
  const bytes = textBytes(write.value);
  if (bytes > MAX_VALUE_BYTES) return `a note of ${bytes} bytes is over ${MAX_VALUE_BYTES}`;
  const others = notes.filter(({ key }) => key !== write.key);
  if (others.length >= MAX_KEYS) return `there are ${others.length} notes, as many as there may be`;
  const all = [...others, write].reduce((sum, note) => sum + bytesOf(note), 0);
  if (all <= MAX_BOOK_BYTES) return undefined;
  return `the notes would have ${all} bytes, over ${MAX_BOOK_BYTES}`;
}

function bytesOf({ key, value }: Pick<Note, 'key' | 'value'>): number {
  return textBytes(key) + textBytes(value);
}
