import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import type { RuntimeWorld } from '../testing/runtime-world.js';
import { endWorld, startedWorld } from '../testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});

afterEach(() => endWorld(world));

/** The models of a tree say these things, in the order in which they are asked. */
async function live(...answers: (string | { name: string; arguments: string })[]) {
  const agentId = await world.spawn();
  for (const said of answers) {
    const answer = typeof said === 'string' ? { text: said } : { text: '', toolCalls: [said] };
    (await world.models.next()).answer(answer);
  }
  const row = await world.ended(agentId);
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  return { agentId, row, verification };
}

describe('a log whose calls were read as they were meant', () => {
  it.each([
    ['report_progress', '{"message":"x","percent":"50"}'],
    ['report_progress', '{"message":"x","percent":null}'],
    ['report_progress', "{message: 'x', percent: 50,}"],
    ['report_progress', '"{\\"message\\":\\"x\\"}"'],
    ['report_progress', 'x'],
    ['think', '{"thought":"hm"}'],
    ['now', '{"timeZone":"Asia/Kolkata"}'],
    ['now', '{"timeZone":"Mars"}'],
    ['read_result', '{}'],
    ['await_agents', '{"ids":"","timeoutSeconds":"3"}'],
    ['await_agents', '{"ids":["x"]}'],
    ['await_agents', '{"ids":"019b76da-a800-7193-859e-afb4651e27f3"}'],
    ['spawn_agent', '{"task":{"description":"x"},"limits":{"tokens":"99999999999"}}'],
  ])('is verified: %s %s', async (name, json) => {
    const { row, verification } = await live({ name, arguments: json }, 'done');
    expect(row.status).toBe('completed');
    expect(verification).not.toHaveProperty('divergence');
  });

  it('is verified, with the child that was spawned', async () => {
    const json = '{"task":"count","limits":{"tokens":"10000"},"onParentClose":"continue"}';
    const spawn = { name: 'spawn_agent', arguments: json };
    const { row, verification } = await live(spawn, 'done', 'counted');
    expect(row.childIds).toHaveLength(1);
    expect(verification).not.toHaveProperty('divergence');
  });
});

describe('arguments that are no JSON', () => {
  it('are repaired, and the log has both', async () => {
    const written = "```json\n{'message': 'half', 'percent': 50}\n```";
    const { agentId, row } = await live({ name: 'report_progress', arguments: written }, 'done');
    expect(row.progress).toEqual({ message: 'half', percent: 50 });
    const settled = await world.seen(agentId, 'ModelCallSettled');
    expect(settled.data).toMatchObject({
      outcome: {
        toolCalls: [{ arguments: '{"message": "half", "percent": 50}', repairedFrom: written }],
      },
    });
  });

  it('are shown to the model as they were repaired', async () => {
    const agentId = await world.spawn();
    const call = { name: 'report_progress', arguments: '{message: "half",}' };
    (await world.models.next()).answer({ text: '', toolCalls: [call] });
    const { request, answer } = await world.models.next();
    expect(request.messages[1]).toMatchObject({
      toolCalls: [{ name: 'report_progress', arguments: '{"message": "half"}' }],
    });
    expect(JSON.stringify(request.messages)).not.toContain('repairedFrom');
    answer({ text: 'done' });
    await world.ended(agentId);
  });
});
