import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, type AgentEventData, type AgentId } from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { ModelError } from './models/model.port.js';
import { templateSchema } from './registry/templates/template-entry.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;
let clock: ManualClock;

beforeEach(async () => {
  clock = new ManualClock();
  const cache = { answers: true, seconds: 600 };
  const kept = templateSchema.parse({ instructions: 'Classify.', cache });
  const fresh = templateSchema.parse({ instructions: 'Classify.' });
  world = await RuntimeWorld.create(clock, { templates: { kept, fresh } });
  await world.start();
});
afterEach(() => endWorld(world));

const usage = { inputTokens: 40, outputTokens: 2, costMicroUsd: 90 };

async function spawn(said: { task?: string; template?: string; tenant?: string } = {}) {
  const { task = 'is it spam?', template = 'kept', tenant = 'acme' } = said;
  const agentId = newAgentId(world.clock);
  const args = { task: { description: task }, template, model: { id: 'puppet:any' } };
  await world.send('SpawnAgent', { agentId, arguments: args }, { tenant });
  return agentId;
}

async function settled(agentId: AgentId) {
  const { data } = await world.seen(agentId, 'ModelCallSettled');
  return data as AgentEventData<'ModelCallSettled'>;
}

/** The model is asked, and answers. */
async function asked(agentId: AgentId, text = 'yes') {
  (await world.models.next()).answer({ text, usage });
  await world.seen(agentId, 'AgentCompleted');
  return settled(agentId);
}

describe('an answer of a model where the template lets answers stand', () => {
  it('is that to the same request of another agent, costs nothing, and the log says so', async () => {
    expect(await asked(await spawn())).not.toHaveProperty('fromCache');
    const agentId = await spawn();
    expect(await world.ended(agentId)).toMatchObject({
      output: 'yes',
      spent: { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 },
    });
    expect(await settled(agentId)).toMatchObject({
      usage: { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 },
      fromCache: { tokens: 42, savedMicroUsd: 90 },
    });
    const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
    expect(verification).not.toHaveProperty('divergence');
    const days = { sinceMs: 0, untilMs: clock.nowMs() + DAY_MS };
    const { total } = await world.ask('usageReport', {
      ...{ tenant: 'acme', allTenants: false, by: 'model', limit: 10 },
      ...days,
    });
    expect(total).toMatchObject({ modelCalls: 2, modelCallsFromCache: 1, savedMicroUsd: 90 });
  });

  it.each([
    ['another task', { task: 'is it ham?' }],
    ['another tenant', { tenant: 'umbrella' }],
    ['a template without it', { template: 'fresh' }],
  ])('is not that to %s', async (_, other) => {
    await asked(await spawn());
    const agentId = await spawn(other);
    expect(await asked(agentId, 'no')).not.toHaveProperty('fromCache');
  });

  it('stands so long as the template says, and no longer', async () => {
    await asked(await spawn());
    await clock.advance(600_000);
    expect(await asked(await spawn(), 'no')).not.toHaveProperty('fromCache');
  });

  it('is none that does not fit the output schema', async () => {
    const outputSchema = { type: 'object', required: ['spam'] };
    const args = { outputSchema, template: 'kept', model: { id: 'puppet:any' } };
    const spawnOne = async () => {
      const agentId = newAgentId(world.clock);
      const task = { description: 'is it spam?' };
      await world.send('SpawnAgent', { agentId, arguments: { ...args, task } });
      return agentId;
    };
    await spawnOne();
    (await world.models.next()).answer({ text: 'yes', usage });
    (await world.models.next()).answer({ text: '{"spam": true}', usage });
    const again = await spawnOne();
    (await world.models.next()).answer({ text: '{"spam": true}', usage });
    expect(await world.ended(again)).toMatchObject({ status: 'completed' });
  });

  it('is none that was cut, and no failure', async () => {
    const first = await spawn();
    const response = { finishReason: 'length' };
    (await world.models.next()).answer({ text: 'ye', usage, response });
    await world.ended(first);
    const second = await spawn();
    (await world.models.next()).fail(new ModelError('no credit', { retryable: false }));
    await world.ended(second);
    expect(await asked(await spawn(), 'yes')).not.toHaveProperty('fromCache');
  });
});
