import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentId, SpawnArguments } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

const outputSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['stars'],
  properties: { stars: { type: 'integer' } },
  additionalProperties: false,
};

let world: RuntimeWorld;

beforeEach(async () => {
  const counter = {
    instructions: 'Count.',
    model: {},
    tools: [],
    limits: {},
    output: outputSchema,
  };
  const templates = { counter };
  world = await RuntimeWorld.create(new ManualClock(), { templates });
  await world.start();
});

afterEach(() => endWorld(world));

async function answered(agentId: AgentId, ...answers: string[]) {
  for (const text of answers) (await world.models.next()).answer({ text });
  return world.ended(agentId);
}

async function spawned(args: Partial<SpawnArguments> = { outputSchema }): Promise<AgentId> {
  return world.spawn(args);
}

async function expectVerified(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification).not.toHaveProperty('divergence');
  expect(verification?.decisions).toBeGreaterThan(0);
}

describe('an agent with a schema for its output', () => {
  it('is told of it, and answers with the JSON alone', async () => {
    const agentId = await spawned();
    const call = await world.models.next();
    expect(call.request.messages).toMatchObject([
      { role: 'user', text: expect.stringContaining('"required":["stars"]') },
    ]);
    call.answer({ text: 'Here it is:\n```json\n{"stars": 3}\n```\nGood night.' });
    expect(await world.ended(agentId)).toMatchObject({
      status: 'completed',
      output: '{"stars": 3}',
      answersInJson: true,
    });
    await expectVerified(agentId);
  });

  it('is asked once more, with what is wrong', async () => {
    const agentId = await spawned();
    (await world.models.next()).answer({ text: '{"stars": "three", "moons": 1}' });
    const again = await world.models.next();
    expect(again.request.messages.slice(1)).toMatchObject([
      { role: 'assistant', text: '{"stars": "three", "moons": 1}' },
      { role: 'user', text: expect.stringMatching(/: moons\n- \/stars must be integer/) },
    ]);
    again.answer({ text: '{"stars":3}' });
    expect(await world.ended(agentId)).toMatchObject({
      status: 'completed',
      output: '{"stars":3}',
    });
    await expectVerified(agentId);
  });

  it('fails with a reason of its own when it is wrong again, and keeps what was said', async () => {
    const agentId = await spawned();
    const row = await answered(agentId, 'three', 'three, I said');
    expect(row).toMatchObject({
      status: 'failed',
      partial: 'three, I said',
      failure: { reason: 'OUTPUT_INVALID', retryable: true },
    });
    expect(row.failure?.message).toContain('it is no JSON');
    await expectVerified(agentId);
  });

  it('has it from its template; the caller’s own comes before it', async () => {
    const agentId = await spawned({ template: 'counter' });
    expect(await answered(agentId, '{"stars":1}')).toMatchObject({ answersInJson: true });
    const other = await spawned({ template: 'counter', outputSchema: { type: 'array' } });
    expect(await answered(other, '[1]')).toMatchObject({ status: 'completed', output: '[1]' });
  });

  it('keeps a schema and an answer that are too large for the log', async () => {
    const long = 'x'.repeat(9_000);
    const agentId = await spawned({ outputSchema: { type: 'array', description: long } });
    const row = await answered(agentId, `["${long}"]`);
    expect(row).toMatchObject({ status: 'completed', output: { bytes: 9_004 } });
    await expectVerified(agentId);
  });

  it.each([
    [{ type: 'strng' }, 'data/type must be equal to one of the allowed values'],
    [{ $ref: 'https://example.invalid/schema' }, "can't resolve reference"],
    [{ type: 'string', pattern: '(' }, 'Invalid regular expression'],
  ])('is refused with a schema that is none: %j', async (schema, why) => {
    const refused = await spawned({ outputSchema: schema }).catch((error: Error) => error.cause);
    expect(JSON.stringify(refused)).toContain('INVALID_ARGUMENTS');
    expect(JSON.stringify(refused)).toContain(why);
  });
});
