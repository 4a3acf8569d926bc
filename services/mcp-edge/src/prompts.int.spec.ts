import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { messagesOf, post, startGuardedEdge, type GuardedEdge } from './testing/guarded-edge.js';

let guarded: GuardedEdge;

beforeEach(async () => {
  guarded = await startGuardedEdge();
  guarded.edge.owner.templates = {
    templates: [
      {
        ...{ name: 'poet', description: 'Writes poems.', version: '0123456789ab', limits: {} },
        ...{ arguments: [{ name: 'topic', required: true }], hasOutput: false },
      },
    ],
    more: 0,
  };
});
afterEach(() => guarded.stop());

async function asked(method: string, params: object = {}): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const answer = await post(guarded.edge.url, { body, token: await guarded.issuer.token() });
  return JSON.parse((await messagesOf(answer))[0] ?? '');
}

describe('a client that asks for prompts', () => {
  it('is told of the templates of its tenant', async () => {
    expect(await asked('prompts/list')).toMatchObject({
      result: { prompts: [{ name: 'poet', arguments: [{ name: 'topic', required: true }] }] },
    });
    expect(guarded.edge.owner.questions.at(-1)).toMatchObject({ query: 'templates' });
  });

  it('gets one filled in, or why it can not be', async () => {
    const params = { name: 'poet', arguments: { topic: 'stars' } };
    expect(await asked('prompts/get', params)).toMatchObject({
      result: { messages: [{ content: { text: expect.stringContaining('"topic":"stars"') } }] },
    });
    expect(await asked('prompts/get', { name: 'gone' })).toMatchObject({
      error: { code: -32_602, message: expect.stringContaining('there is no prompt gone') },
    });
  });
});
