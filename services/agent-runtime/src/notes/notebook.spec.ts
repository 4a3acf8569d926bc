import { describe, expect, it } from '@jest/globals';
import { EMPTY_BOOK, readNotebook, writeNote, type Notebook, type NoteWrite } from './notebook.js';

let writes = 0;

function write(book: Notebook, fields: Partial<NoteWrite>) {
  writes += 1;
  return writeNote(book, { id: `w${writes}`, key: 'k', by: 'a', atMs: 1, ...fields });
}

function after(...all: Partial<NoteWrite>[]): Notebook {
  return all.reduce((book: Notebook, fields) => {
    const written = write(book, fields);
    if (written.kind === 'refused') throw new Error(written.message);
    return written.book;
  }, EMPTY_BOOK);
}

const full = (count: number, value: string) =>
  after(...Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value })));

describe('a write of a note', () => {
  it('is made on the version that it expects, and on no other', () => {
    const book = after({ value: 'one' });
    expect(write(book, { value: 'two', expectedVersion: 1 })).toMatchObject({ version: 2 });
    expect(write(book, { value: 'two', expectedVersion: 0 })).toMatchObject({
      code: 'NOTE_CONFLICT',
    });
    expect(write(EMPTY_BOOK, { value: 'one', expectedVersion: 0 })).toMatchObject({ version: 1 });
  });

  it('is made once, also when the note was written or taken off since', () => {
    const mine = { id: 'mine', value: 'one', expectedVersion: 0 };
    const book = after(mine, { value: 'two' }, {});
    expect(write(book, mine)).toEqual({ kind: 'written', book, version: 1 });
  });

  it('takes a note off, whose version never comes again', () => {
    const book = after({ value: 'one' }, {});
    expect(book.notes).toEqual([]);
    expect(write(book, { value: 'two' })).toMatchObject({ version: 3 });
    expect(write(EMPTY_BOOK, {})).toMatchObject({ version: 0 });
  });

  it('has room in bounds, by bytes; what is there stays when it has none', () => {
    const most = 'é'.repeat(8 * 1_024);
    expect(write(EMPTY_BOOK, { value: most })).toMatchObject({ version: 1 });
    expect(write(EMPTY_BOOK, { value: `${most}x` })).toMatchObject({ code: 'LIMIT_NOTES' });
    expect(write(full(256, 'x'), { value: 'x' })).toMatchObject({ code: 'LIMIT_NOTES' });
    expect(write(full(256, 'x'), { key: 'k7', value: 'y' })).toMatchObject({ version: 257 });
    expect(write(full(15, most), { value: most })).toMatchObject({ code: 'LIMIT_NOTES' });
  });
});

describe('stored notes', () => {
  it('are read as they were written, and not in another form', () => {
    const book = after({ value: 'one' });
    expect(readNotebook(JSON.parse(JSON.stringify(book)))).toEqual(book);
    expect(readNotebook({ ...book, format: 2 })).toBeUndefined();
  });
});
