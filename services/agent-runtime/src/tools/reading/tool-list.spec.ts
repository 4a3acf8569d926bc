import { describe, expect, it } from '@jest/globals';
import { readToolList } from './tool-list.js';

const inputSchema = { type: 'object' };
const good = { name: 'good', description: 'Good.', inputSchema };
const bad = (fields: object) => ({ ...good, name: 'bad', ...fields });

const read = (...tools: unknown[]) => readToolList(() => Promise.resolve({ tools }));
const names = (tools: readonly { readonly name: string }[]) => tools.map(({ name }) => name);

function deep(levels: number): object {
  return levels === 0 ? {} : { properties: { a: deep(levels - 1) } };
}

describe('a list of tools', () => {
  it('is read with what is off the specification and does no harm', async () => {
    const { tools, leftOut } = await read(
      bad({ description: null, title: 'Titled.', outputSchema: null, annotations: 7 }),
      { name: 'bare' },
      { name: 'untyped', inputSchema: { properties: { a: {} } } },
    );
    expect(leftOut).toEqual([]);
    expect(tools).toEqual([
      { name: 'bad', description: 'Titled.', inputSchema },
      { name: 'bare', description: '', inputSchema },
      { name: 'untyped', description: '', inputSchema: { ...inputSchema, properties: { a: {} } } },
    ]);
  });

  it.each([
    [{ title: 'good' }, 'Good.'],
    [{ title: 'GOOD!' }, 'Good.'],
    [{ title: 'Look it up' }, 'Look it up: Good.'],
    [{ title: 'Look', description: 'Looks.' }, 'Looks.'],
    [
      { annotations: { title: 'Look it up', readOnlyHint: true } },
      'Look it up: Good. (only reads)',
    ],
    [{ annotations: { destructiveHint: true } }, 'Good. (may destroy)'],
    [{ description: '', annotations: { readOnlyHint: true } }, '(only reads)'],
    [{ title: 7, annotations: { readOnlyHint: 'yes' } }, 'Good.'],
  ])('says what titles and annotations say: %j', async (fields, description) => {
    const { tools } = await read({ ...good, ...fields });
    expect(tools).toEqual([{ ...good, description }]);
  });

  it.each([
    ['no object', null],
    ['without a name', { description: 'x', inputSchema }],
    ['with a name that is no text', bad({ name: 7 })],
    ['with an empty name', bad({ name: '' })],
    ['with an endless name', bad({ name: 'n'.repeat(129) })],
    ['with a schema that is a list', bad({ inputSchema: [] })],
    ['with a schema of a text', bad({ inputSchema: { type: 'string' } })],
    ['with a schema without an end', bad({ inputSchema: deep(200) })],
    ['with an output schema without an end', bad({ outputSchema: deep(200) })],
    ['with a description that is one', bad({ description: deep(200) })],
    ['with annotations without an end', bad({ annotations: deep(200) })],
    ['with a definition without an end', bad({ description: 'x'.repeat(70_000) })],
    ['that is a second one of its name', good],
    ['that needs tasks', bad({ execution: { taskSupport: 'required' } })],
    ['with an invisible character', bad({ name: 'lo\u200bok' })],
    ['with a mark that turns text round', bad({ name: 'look\u202e' })],
    ['with a control character', bad({ name: 'look\u0007' })],
    ['with a Cyrillic letter among Latin ones', bad({ name: 'l\u043eok' })],
    ['with letters of full width', bad({ name: '\uff4cook' })],
  ])('loses one tool alone: %s', async (_, tool) => {
    const { tools, leftOut } = await read(good, tool, { ...good, name: 'last' });
    expect(names(tools)).toEqual(['good', 'last']);
    expect(leftOut).toHaveLength(1);
    expect(leftOut[0]?.tool).toMatch(/^[\x20-\x7e]+$/);
  });

  it('has the definitions as they were served, of what is not left out', async () => {
    const more = { ...good, outputSchema: inputSchema, annotations: { title: 'x' } };
    const [bare, whole] = [await read(good, bad({ inputSchema: [] })), await read(more)];
    expect([...(bare.definitions?.keys() ?? [])]).toEqual(['good']);
    expect(bare.definitions?.get('good')).not.toEqual(whole.definitions?.get('good'));
    expect(JSON.parse(whole.definitions?.get('good')?.text ?? '')).toEqual(more);
  });

  it('may have names in any script', async () => {
    expect(names((await read(bad({ name: '検索' }), bad({ name: 'поиск' }))).tools)).toHaveLength(
      2,
    );
  });

  it('ends where it says so, whichever way it says it', async () => {
    for (const nextCursor of [null, undefined, '', 7]) {
      const list = await readToolList(() => Promise.resolve({ tools: [good], nextCursor }));
      expect(list).toMatchObject({ tools: [good], leftOut: [] });
    }
  });

  it('has all its pages', async () => {
    const page = (cursor = '0') => ({
      tools: [bad({ name: `p${cursor}` })],
      nextCursor: cursor === '2' ? undefined : String(Number(cursor) + 1),
    });
    const { tools } = await readToolList((cursor) => Promise.resolve(page(cursor)));
    expect(names(tools)).toEqual(['p0', 'p1', 'p2']);
  });

  it.each([
    ['names one page again and again', () => 'again'],
    ['has no last page', (cursor = '') => `${cursor}x`],
  ])('is taken as far as it goes when it %s', async (_, next) => {
    const { tools, leftOut } = await readToolList((cursor) =>
      Promise.resolve({
        tools: [bad({ name: `p${cursor?.length ?? 0}` })],
        nextCursor: next(cursor),
      }),
    );
    expect(tools[0]).toMatchObject({ name: 'p0' });
    expect(leftOut.map(({ tool }) => tool)).toContain('(rest)');
  });

  it('is cut at a thousand tools, and what was left out is counted', async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => bad({ name: `t${n}` }));
    const { tools, leftOut } = await read(...many);
    expect(tools).toHaveLength(1_000);
    expect(leftOut).toHaveLength(1);
    const { leftOut: named } = await read(...Array.from({ length: 200 }, () => 7));
    expect(named).toHaveLength(51);
    expect(named.at(-1)?.tool).toBe('(150 more)');
  });

  it.each([null, [], { tools: 'none' }, 'text'])(
    'that is none is said to be none: %j',
    async (raw) => {
      const { tools, leftOut } = await readToolList(() => Promise.resolve(raw));
      expect([tools, leftOut]).toEqual([[], [expect.objectContaining({ tool: '(all)' })]]);
    },
  );
});
