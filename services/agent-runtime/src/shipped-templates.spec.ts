import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AgentEventData, AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { z } from 'zod';
import type { ModelAnswer, ModelRequest } from './models/model.port.js';
import { lastResults, taskOf, turnsTaken } from './models/scripted/conversation-reading.js';
import { loadRegistry } from './registry/registry-file.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

const MAX_BYTES = 4 * 1_024;
const MAX_DESCRIPTION_CHARS = 120;
const shipped = resolve(import.meta.dirname, '../../../templates');
const registry = loadRegistry(undefined, { environment: {}, templateFolders: { shipped } });
const { templates, templateFiles = {} } = registry;

let world: RuntimeWorld | undefined;
afterEach(async () => {
  if (world !== undefined) await endWorld(world);
  world = undefined;
});

interface Play {
  readonly arguments?: Record<string, string>;
  /** What those below it are asked, round by round. Absent: it has nobody below it, and answers at once. */
  readonly rounds?: readonly (readonly object[])[];
}

const part = (number: number) => ({ task: { description: `part ${number}` } });
const question = (number: number) => ({
  task: { description: 'Begin.' },
  ...{ template: 'researcher', arguments: { question: `part ${number}` } },
});

const plays: Record<string, Play> = {
  'code-reviewer': { arguments: { focus: 'security' } },
  coordinator: { rounds: [[part(1), part(2), part(3)]] },
  'data-extractor': { arguments: { fields: 'name, date, amount' } },
  debate: {
    arguments: { claim: 'Tests are worth it.', rounds: '2' },
    rounds: [
      [part(1), part(2)],
      [part(3), part(4)],
    ],
  },
  'incident-triage': { arguments: { service: 'shop' } },
  'licence-auditor': { arguments: { folder: '/project' } },
  'map-reduce': {
    arguments: { operation: 'count the letters', group_size: '2' },
    rounds: [[part(1), part(2)]],
  },
  'plan-and-execute': { rounds: [[part(1)], [part(2)]] },
  researcher: {
    arguments: { question: 'How many stars are there?', depth: 'thorough' },
    rounds: [[question(1), question(2)]],
  },
  summariser: { arguments: { length: 'sentence' } },
  'test-writer': {},
  'tree-search': {
    arguments: { branches: '2' },
    rounds: [
      [part(1), part(2)],
      [part(3), part(4)],
    ],
  },
};

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });

/** The answer that the instructions show; without one, the task. */
function shownAnswer({ instructions = '' }: ModelRequest): string | undefined {
  return /^\{"[\s\S]*?\}$/m.exec(instructions)?.[0];
}

/** What a model says that does as the template tells it. */
function turnOf(request: ModelRequest, { rounds = [] }: Play): Partial<ModelAnswer> {
  const task = taskOf(request);
  if (/part \d/.test(task)) return { text: `done: ${/part \d/.exec(task)?.[0]}` };
  const round = rounds[turnsTaken(request)];
  if (round !== undefined) {
    const spawns = round.map((one) => call('spawn_agent', one));
    return { toolCalls: [...spawns, call('await_agents')] };
  }
  const found = lastResults(request).flatMap(
    ({ content }) => content.match(/done: part \d/g) ?? [],
  );
  return { text: shownAnswer(request) ?? [task, ...found].join('; ') };
}

async function play(name: string, { arguments: given, ...rest }: Play) {
  world = await RuntimeWorld.create(new ManualClock(), { ...registry, defaultModel: 'puppet:any' });
  await world.start();
  const { models } = world;
  const requests: ModelRequest[] = [];
  const answering = async () => {
    for (;;) {
      const held = await models.next();
      requests.push(held.request);
      held.answer(turnOf(held.request, rest));
    }
  };
  void answering();
  const agentId = await world.spawn({ template: name, arguments: given });
  const { status, output } = await world.ended(agentId);
  return { agentId, requests, status, output: output as string };
}

const specOf = (agentId: AgentId) =>
  (world?.eventsOf(agentId)[0]?.data as AgentEventData<'AgentSpawned'>).spec;

describe('the templates that come with the product', () => {
  it('are read without a finding, and are those that are played here', () => {
    expect(registry.findings).toEqual([]);
    expect(Object.keys(templates)).toEqual(Object.keys(plays));
  });

  it.each(Object.keys(plays))('are short, and say what they are for: %s', (name) => {
    expect(statSync(templateFiles[name] ?? '').size).toBeLessThan(MAX_BYTES);
    const { description = '', arguments: declared = [], model, tools } = templates[name] ?? {};
    expect(description).toMatch(/^[A-Z].*\.$/);
    expect(description.length).toBeLessThan(MAX_DESCRIPTION_CHARS);
    for (const each of declared) expect(each.description).toBeDefined();
    expect([model, tools]).toEqual([{}, undefined]);
  });
});

describe.each(Object.entries(plays))('an agent of %s', (name, part) => {
  const below = (part.rounds ?? []).flat().length;
  const last = part.rounds?.at(-1)?.length ?? 0;

  it('does as it is told, and its result comes back', async () => {
    const { requests, status, output } = await play(name, part);
    expect([name, status]).toEqual([name, 'completed']);
    expect(world?.agentIds()).toHaveLength(1 + below);
    for (let each = below - last + 1; each <= below; each += 1)
      expect(output).toContain(`done: part ${each}`);
    const { output: schema } = templates[name] ?? {};
    if (schema !== undefined) z.fromJSONSchema(schema).parse(JSON.parse(output));
    expect(requests).toHaveLength(1 + below + (part.rounds ?? []).length);
  });

  it('is told its arguments, and pinned to its template', async () => {
    const { agentId, requests } = await play(name, part);
    const [{ instructions = '', messages } = { messages: [] }] = requests;
    expect(instructions).not.toMatch(/\{\{|\}\}/);
    const told = `${instructions}${JSON.stringify(messages[0])}`;
    for (const value of Object.values(part.arguments ?? {})) expect(told).toContain(value);
    const pins = { template: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(specOf(agentId)).toMatchObject({ template: name, pins });
  });

  it('is offered agents below it only where it has a use for them', async () => {
    const { requests } = await play(name, { arguments: part.arguments });
    const names = requests[0]?.tools.map((tool) => tool.name);
    const hasUse = part.rounds !== undefined || name === 'licence-auditor';
    expect(names?.includes('spawn_agent')).toBe(hasUse);
  });
});
