import { describe, expect, it } from '@jest/globals';
import { MemoryStateStores } from '@skynet/platform';
import { Notebooks } from './notebooks.js';

const place = { tenant: 'acme', template: 'diary' };
const note = (id: string, expectedVersion?: number) => ({
  ...{ id, key: 'path', value: 'left', by: 'operator', atMs: 1 },
  ...(expectedVersion !== undefined && { expectedVersion }),
});

describe('the notes of a template', () => {
  it('are taken off together, and no version of them comes again', async () => {
    const books = new Notebooks(new MemoryStateStores());
    await books.write(place, note('w1'));
    await books.clear(place);
    expect(await books.templatesOf('acme')).toEqual([]);
    expect(await books.write(place, note('w2', 1))).toMatchObject({ code: 'NOTE_CONFLICT' });
    expect(await books.write(place, note('w3', 0))).toMatchObject({ version: 3 });
    expect(await books.templatesOf('acme')).toEqual(['diary']);
  });

  it('leave nothing behind where there were none', async () => {
    const books = new Notebooks(new MemoryStateStores());
    await books.clear(place);
    expect(await books.write(place, note('w1', 0))).toMatchObject({ version: 1 });
  });

  it('go with all of their tenant, and with no other', async () => {
    const books = new Notebooks(new MemoryStateStores());
    const other = { tenant: 'globex', template: 'diary' };
    await books.write(place, note('w1'));
    await books.clear(place);
    await books.write(other, note('w2'));
    await books.removeAll('acme');
    expect(await books.read(place)).toMatchObject({ version: 0, writes: [] });
    expect((await books.read(other)).notes).toHaveLength(1);
  });
});
