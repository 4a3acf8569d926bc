import { beforeEach, describe, expect, it } from '@jest/globals';
import { toolCatalogue, type AgentRow, type ToolName } from '@skynet/contracts';
import { WorldError } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../testing/edge-fixture.js';
import type { ToolAnswer } from './edge-tool.js';

const ROW = agentRow('one', { status: 'completed' });
const { agentId } = ROW;
const INPUTS: Record<ToolName, object> = {
  spawn_agent: { task: { description: 'count' } },
  get_agent_status: { agentId },
  wait_agent: { agentId },
  get_agent_result: { agentId },
  list_agents: {},
  get_agent_events: { agentId },
  answer_agent: { agentId, toolCallId: 'call', decision: 'retry' },
  pause_agent: { agentId },
  resume_agent: { agentId },
  terminate_agent: { agentId },
  send_agent_message: { agentId, text: 'hello' },
  extend_agent: { agentId, add: { tokens: 5 } },
  schedule_agent: { agent: { task: { description: 'count' } }, afterSeconds: 5 },
  list_schedules: {},
  cancel_schedule: { scheduleId: agentId },
  get_usage: {},
  explain_failure: { agentId },
  replay_agent: { agentId, show: 'verify' },
  fork_agent: { agentId, at: 1 },
  retry_agent: { agentId },
  export_agent: { agentId },
  list_audit: {},
  get_tenant: { tenant: 'globex' },
  set_tenant_quotas: { tenant: 'globex' },
};

let clock: ManualClock;
let edge: EdgeFixture;

beforeEach(async () => {
  clock = new ManualClock(SPAWNED_AT_MS);
  edge = await edgeFixture(clock);
});

const never = () => new Promise<never>(() => undefined);

/** As with a server that hangs: nothing comes of anything. */
function hang(): void {
  edge.bus.publish = never;
  edge.bus.request = never;
  edge.rows.get = never;
  edge.payloads.get = never;
  edge.bus.whenAnswering = (withinMs = 0) =>
    new Promise((_resolve, reject) => {
      clock.timer(withinMs, () => reject(new WorldError('NATS does not answer', 'later')));
    });
}

async function withinTwoSeconds(answer: Promise<ToolAnswer<object>>): Promise<ToolAnswer<object>> {
  await clock.advance(1_900);
  const late = { output: { late: true } };
  return Promise.race([answer, new Promise<typeof late>((resolve) => setImmediate(resolve, late))]);
}

describe('while the message server hangs', () => {
  it.each(toolCatalogue.map(({ name }) => name))('%s says so within 2 s', async (name) => {
    hang();
    const answer = edge.call(name, INPUTS[name], { role: 'admin' });
    expect(await withinTwoSeconds(answer)).toMatchObject({ refused: { code: 'UNAVAILABLE' } });
  });

  it.each([
    ['its id is looked for', {}],
    ['the queue of commands is waited for', { idempotencyKey: 'key' }],
  ])('spawn_agent says so within 2 s though no record can be stored, when %s', async (_, more) => {
    const record = () => new Promise<void>((resolve) => clock.timer(2_000, resolve));
    edge = await edgeFixture(clock, { record });
    hang();
    const answer = edge.call('spawn_agent', { ...INPUTS.spawn_agent, ...more });
    expect(await withinTwoSeconds(answer)).toMatchObject({ refused: { code: 'UNAVAILABLE' } });
  });

  it('a result that is kept beside the log is shown when it was read before', async () => {
    const output = await edge.payloads.put(ROW.tenant, 'x'.repeat(10_000));
    const row: AgentRow = { ...ROW, output };
    await edge.project(row);
    await edge.call('get_agent_result', { agentId });
    hang();
    const answer = await withinTwoSeconds(edge.call('get_agent_result', { agentId }));
    expect(answer).toMatchObject({
      output: { output: 'x'.repeat(10_000), asOf: new Date(SPAWNED_AT_MS).toISOString() },
    });
  });

  it('a result that was never read is told within 2 s to be out of reach', async () => {
    const output = await edge.payloads.put(ROW.tenant, 'x'.repeat(10_000));
    await edge.project({ ...ROW, output });
    await edge.call('get_agent_status', { agentId });
    hang();
    const answer = edge.call('get_agent_result', { agentId });
    expect(await withinTwoSeconds(answer)).toMatchObject({ refused: { code: 'UNAVAILABLE' } });
  });
});

describe('while only the service behind the message server is busy', () => {
  it('a list is waited for', async () => {
    edge.owner.rows.push(ROW);
    const answering = edge.bus.request.bind(edge.bus);
    edge.bus.request = (...question) =>
      new Promise((resolve) => clock.timer(1_999, () => resolve(answering(...question))));
    const answer = edge.call('list_agents', {});
    await clock.advance(1_999);
    expect(await answer).toMatchObject({ output: { agents: [{ agentId }] } });
  });

  it('a large tree that is decided again is waited for', async () => {
    edge.bus.request = () => new Promise((resolve) => clock.timer(25_000, () => resolve({})));
    const answer = edge.call('replay_agent', INPUTS.replay_agent);
    await clock.advance(25_000);
    expect(await answer).toMatchObject({ refused: { code: 'AGENT_NOT_FOUND' } });
  });

  it('a look that failed because this process was held up itself is made again', async () => {
    edge.owner.rows.push(ROW);
    let looks = 0;
    edge.bus.whenAnswering = async () => {
      looks += 1;
      if (looks === 1) throw new WorldError('late', 'later');
    };
    const answering = edge.bus.request.bind(edge.bus);
    edge.bus.request = (...question) =>
      new Promise((resolve) => clock.timer(1_999, () => resolve(answering(...question))));
    const answer = edge.call('list_agents', {});
    await clock.advance(1_999);
    expect(await answer).toHaveProperty('output');
    expect(looks).toBeGreaterThan(1);
  });
});
