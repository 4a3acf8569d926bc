import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ModelAnswer, ModelRequest } from '../../models/model.port.js';
import type { RemoteModels } from './remote-models.suite.js';

const strict = {
  name: 'sky__look',
  description: 'Looks.',
  inputSchema: {
    type: 'object',
    properties: {
      north: { type: 'boolean' },
      note: { type: 'string', maxLength: 9 },
      at: { type: 'object', properties: { hour: { type: 'integer' } } },
    },
    required: ['north'],
  },
};
const free = { name: 'sky__wait', description: 'Waits.', inputSchema: { type: 'object' } };
/** As each vendor asks for it. */
const ASKED = /"strict":true|"mode":"VALIDATED"/;

/** What every provider does with tools of a model whose entry asks for strict ones. */
export function strictToolsSuite(name: string, makeModels: () => Promise<RemoteModels>): void {
  describe(`strict tools, ${name}`, () => {
    let models: RemoteModels;
    beforeEach(async () => {
      models = await makeModels();
    });
    afterEach(() => models.api.stop());

    const call = async (fields: Partial<ModelRequest> = {}): Promise<ModelAnswer | undefined> => {
      const found = await models.provider().find(models.strictName ?? models.name);
      const request = {
        messages: [{ role: 'user' as const, text: 'count the stars' }],
        tools: [strict, free],
        maxTokens: 100,
        price: { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 },
        ...fields,
      };
      return found?.model.call(request, new AbortController().signal);
    };
    const sent = () => JSON.stringify(models.api.requests.at(-1)?.body);

    it('are asked for where that is wanted, for each that can be', async () => {
      models.api.script(...[1, 2, 3].map(() => ({ kind: 'answer', texts: ['.'] }) as const));
      await call({ toolFormat: 'strict' });
      expect(sent()).toMatch(ASKED);
      expect(sent()).toContain('(maxLength 9)');
      await call();
      expect(sent()).not.toMatch(ASKED);
      await call({ toolFormat: 'strict', tools: [free] });
      expect(sent()).not.toMatch(ASKED);
    });

    it('take null for what may be left out', async () => {
      const input = { north: true, note: null, at: { hour: null } };
      const toolCalls = [{ name: 'sky__look', input }];
      models.api.script({ kind: 'answer', toolCalls });
      const answer = await call({ toolFormat: 'strict' });
      const [made] = answer?.toolCalls ?? [];
      expect(JSON.parse(made?.arguments ?? '')).toEqual({ north: true, at: {} });
    });
  });
}
