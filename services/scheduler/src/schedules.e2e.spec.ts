import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamNames } from '@skynet/contracts';
import type { OperatorStores } from '@skynet/platform/operations';
import { startStack, type Stack, type StackClient, type ToolAnswer } from '@skynet/testing';

const agent = { task: { description: 'hello' }, model: { id: 'scripted:echo' } };

let stack: Stack;
let client: StackClient;
let stores: OperatorStores;

beforeAll(async () => {
  stack = await startStack('--schedulers', '2');
  client = await stack.connect();
  stores = await stack.openStores();
}, 60_000);

afterAll(async () => {
  await stores.close();
  await stack.stop();
}, 20_000);

/** Its line in the list, once its last tick is settled. */
async function settled(scheduleId: unknown): Promise<ToolAnswer> {
  for (;;) {
    const { schedules } = await client.call('list_schedules');
    const found = (schedules as ToolAnswer[]).find((each) => each['scheduleId'] === scheduleId);
    const lastTick = found?.['lastTick'] as ToolAnswer | undefined;
    if (found !== undefined && ['spawned', 'refused'].includes(String(lastTick?.['outcome']))) {
      return found;
    }
  }
}

describe('a scheduled agent', () => {
  it('comes when its time has come, and completes like any other', async () => {
    const made = await client.call('schedule_agent', { agent, afterSeconds: 1 });
    const schedule = await settled(made['scheduleId']);
    expect(schedule).toMatchObject({ status: 'ended', lastTick: { outcome: 'spawned' } });
    const { agentId } = schedule['lastTick'] as ToolAnswer;
    const ended = await client.call('wait_agent', { agentId, timeoutSeconds: 20 });
    expect(ended).toMatchObject({ status: 'completed', task: 'hello' });
  }, 60_000);

  it('comes once though schedulers are killed as its time comes', async () => {
    const made = await client.call('schedule_agent', { agent, afterSeconds: 2 });
    stack.kill('scheduler');
    const { lastTick } = await settled(made['scheduleId']);
    stack.kill('scheduler2');
    const stream = streamNames.schedule(String(made['scheduleId']));
    const types = (await stores.eventStore.read(stream)).map(({ type }) => type);
    expect(types).toEqual(['ScheduleCreated', 'TickStarted', 'TickSettled']);
    const { agents } = await client.call('list_agents', { limit: 200 });
    const { agentId } = lastTick as ToolAnswer;
    const found = (agents as ToolAnswer[]).filter((each) => each['agentId'] === agentId);
    expect(found).toHaveLength(1);
    expect(agents).toHaveLength(2);
  }, 60_000);

  it('comes no more once its schedule is cancelled, and says when it would', async () => {
    const made = await client.call('schedule_agent', {
      ...{ agent, cron: '0 7 * * 1-5', timeZone: 'Europe/Berlin' },
    });
    expect(made).toMatchObject({ status: 'active', nextTick: expect.stringMatching(/T0[56]:00/) });
    const { scheduleId } = made;
    const cancelled = await client.call('cancel_schedule', { scheduleId });
    expect(cancelled).toMatchObject({ status: 'cancelled' });
    expect(cancelled).not.toHaveProperty('nextTick');
    expect(await client.call('cancel_schedule', { scheduleId })).toEqual(cancelled);
  }, 60_000);
});
