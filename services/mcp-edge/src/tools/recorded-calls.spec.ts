import { beforeEach, describe, expect, it } from '@jest/globals';
import { rejection, subjects, toolCatalogue } from '@skynet/contracts';
import type { Act } from '@skynet/platform';
import { ManualClock, RecordingAuditTrail } from '@skynet/testing';
import { agentIdNamed, agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type CallFrom, type EdgeFixture } from '../testing/edge-fixture.js';

const agentId = agentIdNamed('one');
const scheduleId = '00000000-0000-8000-8000-000000000009';
const CANARY = 'canary-7Qx';
const CALL = { call: expect.any(String) };
const NEW = { kind: 'agent', id: expect.not.stringMatching(agentId) };
const OLD = { kind: 'agent', id: agentId };

interface Expected {
  readonly input: object;
  /** Of the record of a call that is allowed. Absent: it leaves none. */
  readonly target?: object;
  readonly details?: object;
}

/** What each tool of the catalogue leaves in the audit log. */
const table: Readonly<Record<string, Expected>> = {
  spawn_agent: {
    input: {
      task: { description: CANARY, context: CANARY },
      model: { id: 'scripted:echo' },
      parentId: agentId,
      metadata: { note: CANARY },
    },
    target: NEW,
    details: { ...CALL, parent: agentId, model: 'scripted:echo' },
  },
  get_agent_status: { input: { agentId } },
  wait_agent: { input: { agentId } },
  get_agent_result: { input: { agentId } },
  list_agents: { input: {} },
  get_agent_events: { input: { agentId } },
  answer_agent: {
    input: { agentId, toolCallId: 'm1_0', decision: 'happened', text: CANARY },
    target: OLD,
    details: { ...CALL, toolCall: 'm1_0', decision: 'happened' },
  },
  pause_agent: { input: { agentId }, target: OLD, details: CALL },
  resume_agent: { input: { agentId }, target: OLD, details: CALL },
  terminate_agent: { input: { agentId, reason: CANARY }, target: OLD, details: CALL },
  send_agent_message: { input: { agentId, text: CANARY }, target: OLD, details: CALL },
  extend_agent: {
    input: { agentId, add: { tokens: 5 } },
    target: OLD,
    details: { ...CALL, add: '{"tokens":5}' },
  },
  schedule_agent: {
    input: {
      agent: { task: { description: CANARY }, model: { id: 'scripted:echo' } },
      cron: '0 7 * * *',
    },
    details: { ...CALL, schedule: expect.any(String), model: 'scripted:echo' },
  },
  list_schedules: { input: {} },
  cancel_schedule: { input: { scheduleId }, details: { ...CALL, schedule: scheduleId } },
  get_usage: { input: {} },
  explain_failure: { input: { agentId }, target: OLD },
  replay_agent: { input: { agentId, show: 'tree' }, target: OLD, details: CALL },
  fork_agent: {
    input: { agentId, message: CANARY },
    target: NEW,
    details: { ...CALL, source: agentId, at: '7' },
  },
  retry_agent: {
    input: { agentId, message: CANARY },
    target: NEW,
    details: { ...CALL, source: agentId },
  },
  export_agent: { input: { agentId }, target: OLD, details: CALL },
  list_audit: { input: {}, details: CALL },
  get_tenant: { input: { tenant: 'globex' }, details: CALL },
  set_tenant_quotas: {
    input: { tenant: 'globex', liveAgents: 5 },
    details: { ...CALL, tenant: 'globex', changes: '{"liveAgents":5}' },
  },
};
const ADMIN: CallFrom = { role: 'admin', client: 'cursor', traceparent: '00-trace' };
const OF_SCHEDULES = ['schedule_agent', 'list_schedules', 'cancel_schedule'];
const OF_TENANTS = ['get_tenant', 'set_tenant_quotas'];
const ABOUT_NONE = [
  ...OF_TENANTS,
  'list_agents',
  'get_usage',
  'spawn_agent',
  'list_audit',
  ...OF_SCHEDULES,
];
const WHO = {
  principal: 'alice',
  tenant: 'acme',
  client: 'cursor',
  address: '10.0.0.1',
  traceparent: '00-trace',
};

let clock: ManualClock;
let edge: EdgeFixture;
let audit: RecordingAuditTrail;

beforeEach(async () => {
  clock = new ManualClock(SPAWNED_AT_MS);
  audit = new RecordingAuditTrail();
  edge = await edgeFixture(clock, audit);
  const row = agentRow('one', { status: 'completed' });
  await edge.project(row);
  edge.owner.rows.push(row);
  serve('forkPlan', { plan: { at: 7, shared: [], again: [], inDoubt: [], agents: [] } });
  serve('treeAt', { found: true, rows: [row] });
  serve('commits', { found: true, commits: [], next: 5 });
  const schedule = { scheduleId, principal: 'alice', task: 'look', createdAtMs: SPAWNED_AT_MS };
  const active = { ...schedule, status: 'active' };
  const serveSchedules = (question: string, answer: object) =>
    edge.bus.serve(`schedules.${question}`, 'scheduler', () => Promise.resolve(answer));
  serveSchedules('create', { schedule: active, repeated: false });
  serveSchedules('list', { schedules: [] });
  serveSchedules('cancel', { schedule: { ...schedule, status: 'cancelled' } });
  const globex = { tenant: 'globex', quotas: {}, liveAgents: 0, runningTrees: 0, waitingTrees: 0 };
  edge.bus.serve(subjects.listTenants, 'scheduler', () => Promise.resolve({ tenants: [globex] }));
  edge.bus.serve(subjects.setQuotas, 'scheduler', () => Promise.resolve({ tenant: globex }));
  edge.bus.serve('q.audit.list', 'auth', () => Promise.resolve({ records: [] }));
});

function serve(query: string, answer: object): void {
  edge.bus.serve(`q.views.${query}`, 'owner', () => Promise.resolve(answer));
}

const call = (name: string, from: CallFrom = ADMIN) =>
  edge.call(name, table[name]?.input ?? {}, from);
const acting = Object.keys(table).filter((name) => table[name]?.target !== undefined);
const sending = toolCatalogue
  .filter(
    ({ audit, name }) => audit === 'command' && ![...OF_SCHEDULES, ...OF_TENANTS].includes(name),
  )
  .map(({ name }) => name);

it('every tool of the catalogue has its line', () => {
  expect(Object.keys(table)).toEqual(toolCatalogue.map(({ name }) => name));
});

describe.each(Object.entries(table))('%s', (name, { target, details }) => {
  it('leaves the record of the table when it is allowed, without words of the caller', async () => {
    expect(await call(name)).toHaveProperty('output');
    const record = { act: name, outcome: 'allowed', ...WHO, target, details };
    expect(audit.acts).toEqual(details === undefined ? [] : [record]);
    expect(JSON.stringify(audit.acts)).not.toContain(CANARY);
  });

  it('leaves one when the token does not allow it', async () => {
    const scopeless = { ...ADMIN, scopes: [] };
    expect(await call(name, scopeless)).toMatchObject({ refused: { code: 'FORBIDDEN' } });
    const about = ABOUT_NONE.includes(name) ? undefined : OLD;
    const reason = expect.stringContaining(`${name} needs a token with the scope agents:`);
    expect(audit.acts).toEqual([
      { act: name, outcome: 'refused', ...WHO, reason, target: about, details: CALL },
    ]);
    expect(JSON.stringify(audit.acts)).not.toContain(CANARY);
  });
});

describe.each(sending)('%s', (name) => {
  it('is told before its command goes out', async () => {
    const seen: number[] = [];
    const publish = edge.bus.publish.bind(edge.bus);
    edge.bus.publish = (...sent) => {
      seen.push(audit.acts.length);
      return publish(...sent);
    };
    await call(name);
    expect(seen).toEqual([1]);
  });

  it('is told again, under the same call, when the owner says no', async () => {
    edge.owner.answer = ({ id }) => ({
      id,
      ok: false,
      error: rejection('AGENT_ALREADY_ENDED', CANARY),
    });
    await call(name);
    expect(shown()).toEqual(['allowed', 'refused AGENT_ALREADY_ENDED']);
    expect(new Set(audit.acts.map(({ details }) => details?.['call'])).size).toBe(1);
    expect(JSON.stringify(audit.acts)).not.toContain(CANARY);
  });

  it('is told again when nobody knows what came of it', async () => {
    edge.owner.answer = () => undefined;
    const answer = call(name);
    await clock.advance(4_500);
    await answer;
    expect(shown()).toEqual(['allowed', 'failed UNAVAILABLE']);
  });

  it('is answered when both the owner has answered and the record is stored', async () => {
    let stored = (): void => undefined;
    const record = audit.record.bind(audit);
    audit.record = async (act: Act) => {
      await record(act);
      await new Promise<void>((resolve) => (stored = resolve));
    };
    let isAnswered = false;
    const answer = call(name).then(() => (isAnswered = true));
    await clock.advance(0);
    expect([edge.owner.commands.length, isAnswered]).toEqual([1, false]);
    stored();
    await answer;
  });
});

describe('a call that is none', () => {
  it.each(acting)('leaves no record: %s', async (name) => {
    const answer = await edge.call(name, { nonsense: CANARY }, ADMIN);
    expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
    expect(audit.acts).toEqual([]);
  });
});

describe('an export', () => {
  it('is told once for its pages, and again when it begins a minute later', async () => {
    await call('export_agent');
    await edge.call('export_agent', { agentId, cursor: '5' }, ADMIN);
    expect(shown()).toEqual(['allowed']);
    await clock.advance(60_000);
    await call('export_agent');
    expect(shown()).toEqual(['allowed', 'allowed']);
  });

  it('is told wherever it begins, and of each agent', async () => {
    await edge.call('export_agent', { agentId, cursor: '5' }, ADMIN);
    await edge.call('export_agent', { agentId: agentIdNamed('two') }, ADMIN);
    expect(shown()).toEqual(['allowed', 'allowed']);
  });
});

function shown(): string[] {
  return audit.acts.map(({ outcome, reason }) => [outcome, reason].filter(Boolean).join(' '));
}
