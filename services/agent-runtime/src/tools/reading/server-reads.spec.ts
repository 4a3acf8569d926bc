import { describe, expect, it } from '@jest/globals';
import { readFromServer, withReads, type AskServer } from './server-reads.js';

const list = { tools: [], leftOut: [] };
const names = (tools: readonly { readonly name: string }[]) => tools.map(({ name }) => name);

/** Answers each method with what is told; the requests are kept. */
function server(answers: Readonly<Record<string, unknown>>) {
  const asked: unknown[] = [];
  const ask: AskServer = (method, params) => {
    asked.push([method, params]);
    return method in answers
      ? Promise.resolve(answers[method])
      : Promise.reject(new Error(`no ${method}`));
  };
  return { asked, ask };
}

describe('what a server has beside tools', () => {
  it('is read with tools of their own, where it has it', () => {
    expect(withReads(list, new Set())).toBe(list);
    const { tools, reads } = withReads(list, new Set(['resources', 'prompts']));
    expect(names(tools)).toEqual(['read_resource', 'get_prompt']);
    expect(reads).toEqual(new Set(['read_resource', 'get_prompt']));
  });

  it.each([
    { tools: [{ name: 'read_resource', description: '', inputSchema: {} }], leftOut: [] },
    { tools: [], leftOut: [{ tool: 'read_resource', reason: 'odd' }] },
  ])('is left to a tool of the server of that name: %j', (own) => {
    expect(withReads(own, new Set(['resources']))).toBe(own);
  });
});

describe('resources', () => {
  it('are listed, with templates', async () => {
    const { ask } = server({
      'resources/list': {
        resources: [
          { uri: 'a:1', name: 'one', description: 'The\nfirst.', mimeType: 'text/plain' },
          7,
        ],
        nextCursor: 'p2',
      },
      'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'a:{n}', name: 'any' }] },
    });
    expect(await readFromServer('read_resource', {}, ask)).toEqual({
      content:
        'a:1, one, The first., text/plain\n\na:{n}, any (template)\n[there are more: cursor "p2"]',
      isError: false,
    });
  });

  it('go on at a cursor, and may have no templates', async () => {
    const { ask, asked } = server({ 'resources/list': { resources: [] } });
    expect(await readFromServer('read_resource', { cursor: 'p2' }, ask)).toMatchObject({
      content: 'There are none.',
    });
    expect(asked).toEqual([['resources/list', { cursor: 'p2' }]]);
    expect(await readFromServer('read_resource', {}, ask)).toMatchObject({ isError: false });
  });

  it('are read: texts as they are, of others what they are', async () => {
    const contents = [
      { uri: 'a:1', text: 'first' },
      { uri: 'a:1', blob: 'AAAA', mimeType: 'application/zip' },
    ];
    const { ask, asked } = server({ 'resources/read': { contents } });
    expect(await readFromServer('read_resource', { uri: 'a:1' }, ask)).toEqual({
      content: 'first\n[resource a:1 application/zip, 4 base64 characters]',
      files: [{ bytes: Buffer.alloc(3), mediaType: 'application/zip', name: 'a:1' }],
      isError: false,
    });
    expect(asked).toEqual([['resources/read', { uri: 'a:1' }]]);
  });

  it('are bounded, whatever the server sends', async () => {
    const resources = Array.from({ length: 300 }, (_, at) => ({
      uri: `a:${at}`,
      name: 'x'.repeat(900),
    }));
    const { content } = await readFromServer(
      'read_resource',
      {},
      server({ 'resources/list': { resources } }).ask,
    );
    expect(content.split('\n')).toHaveLength(201);
    expect(content).toContain('[100 more are left out]');
    expect(content.length).toBeLessThan(110_000);
    const odd = server({ 'resources/list': null, 'resources/read': 'x' });
    expect((await readFromServer('read_resource', {}, odd.ask)).content).toBe('There are none.');
    expect((await readFromServer('read_resource', { uri: 'a' }, odd.ask)).isError).toBe(false);
  });
});

describe('prompts', () => {
  it('are listed with their arguments, and got', async () => {
    const { ask, asked } = server({
      'prompts/list': {
        prompts: [{ name: 'review', description: 'Reviews.', arguments: [{ name: 'code' }] }],
      },
      'prompts/get': {
        messages: [{ role: 'user', content: { type: 'text', text: 'Look.' } }, null],
      },
    });
    expect((await readFromServer('get_prompt', {}, ask)).content).toBe(
      'review, Reviews. (arguments: code)',
    );
    const input = { name: 'review', arguments: { code: 'x' } };
    expect((await readFromServer('get_prompt', input, ask)).content).toBe('user:\nLook.');
    expect(asked.at(-1)).toEqual(['prompts/get', input]);
  });
});
