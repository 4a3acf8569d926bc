import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Secret, systemClock } from '@skynet/platform';
import {
  ManualClock,
  messagesDialect,
  responsesDialect,
  startModelApi,
  type ApiBehaviour,
} from '@skynet/testing';
import { z } from 'zod';
import { AnthropicModels } from './models/anthropic/anthropic.adapter.js';
import type { ModelProvider } from './models/model.port.js';
import { VendorModels } from './models/vendors/vendor-models.adapter.js';
import { vendors } from './models/vendors/vendor-table.js';
import { loadRegistry } from './registry/registry-file.js';
import { aRegistry } from './testing/registries.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

type Answer = Omit<Extract<ApiBehaviour, { readonly kind: 'answer' }>, 'kind'>;

/** Answers as models give them, of an agent and those below it in the order in which they are asked. */
interface Played {
  readonly arguments: Readonly<Record<string, string>>;
  readonly task: string;
  readonly answers: readonly Answer[];
  readonly agents: number;
  readonly says: readonly string[];
}

const file = join(import.meta.dirname, 'testing/recorded/template-answers.json');
const played = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Played>>;
const shipped = resolve(import.meta.dirname, '../../../templates');
const registry = loadRegistry(undefined, { environment: {}, templateFolders: { shipped } });

const vendorsUnderTest: [name: string, model: string, Dialect, (url: string) => ModelProvider][] = [
  [
    'Anthropic’s Messages API',
    'anthropic:claude-sonnet-5-5',
    messagesDialect,
    (baseUrl) =>
      new AnthropicModels({ apiKey: new Secret('key-of-test'), baseUrl, clock: systemClock }),
  ],
  [
    'OpenAI’s Responses API',
    'openai:gpt-5.4',
    responsesDialect,
    (url) => {
      const providers = { openai: { url: `${url}/v1` } };
      const means = { registry: aRegistry({ providers }), clock: systemClock };
      return new VendorModels(vendors.openai, { ...means, apiKey: new Secret('key-of-test') });
    },
  ],
];
type Dialect = Parameters<typeof startModelApi>[0];

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

it('each template that comes with the product is played', () => {
  expect(Object.keys(played)).toEqual(Object.keys(registry.templates));
});

describe.each(vendorsUnderTest)('by %s', (_, model, dialect, providerAt) => {
  it.each(Object.entries(played))('an agent of %s comes to its end', async (name, play) => {
    const api = await startModelApi(dialect);
    ends.push(() => api.stop());
    api.script(...play.answers.map((answer) => ({ kind: 'answer' as const, ...answer })));
    const world = await RuntimeWorld.create(new ManualClock(), registry);
    ends.push(() => endWorld(world));
    await world.start({ providers: [providerAt(api.url)] });
    const agentId = await world.spawn({
      ...{ description: play.task, template: name, arguments: play.arguments },
      ...{ model: { id: model }, limits: { costMicroUsd: 100_000_000 } },
    });
    const { status, output, failure, spent } = await world.ended(agentId);
    expect([status, failure]).toEqual(['completed', undefined]);
    expect(world.agentIds()).toHaveLength(play.agents);
    expect(api.requests).toHaveLength(play.answers.length);
    for (const words of play.says) expect(output).toContain(words);
    const { output: schema } = registry.templates[name] ?? {};
    if (schema !== undefined) z.fromJSONSchema(schema).parse(JSON.parse(output as string));
    const input = play.answers.reduce((sum, { usage }) => sum + inputOf(usage), 0);
    expect(spent.inputTokens).toBeGreaterThanOrEqual(input);
  });
});

function inputOf(usage: Answer['usage']): number {
  return typeof usage === 'object' ? (usage.input ?? 0) : 0;
}
