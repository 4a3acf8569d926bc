import { describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentId } from '@skynet/contracts';
import {
  agentAdmitted,
  agentSpawned,
  anAgentId,
  aSpec,
  BUILT_AT_MS,
  runStarted,
  someLimits,
} from '@skynet/testing';
import { Schedule } from './schedule.js';

const roomy = { slots: 100, slotsPerTenant: 100 };

/** Plays events of several agents into a schedule, each agent's revisions counted. */
function story() {
  const schedule = new Schedule();
  const revisions = new Map<AgentId, number>();
  const happens = (number: number, event: AgentEvent) => {
    const agentId = anAgentId(number);
    const revision = (revisions.get(agentId) ?? -1) + 1;
    revisions.set(agentId, revision);
    schedule.apply({ ...event, agentId, revision, timeMs: BUILT_AT_MS, inLogMs: 0 });
    return revision;
  };
  const spawn = (number: number, { tenant = 'acme', priority = 5, deadlineMs = Infinity } = {}) =>
    happens(
      number,
      agentSpawned({
        agentId: anAgentId(number),
        tenant,
        spec: aSpec({ priority }),
        limits: someLimits({ deadlineMs }),
      }),
    );
  return { schedule, happens, spawn };
}

const admitted: AgentEvent = agentAdmitted();
const started: AgentEvent = runStarted();
const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'children' } };
const woken: AgentEvent = { type: 'AgentWoken', data: { reason: 'children' } };
const completed: AgentEvent = { type: 'AgentCompleted', data: { output: 'done' } };
const paused: AgentEvent = { type: 'AgentPaused', data: {} };
const resumed: AgentEvent = { type: 'AgentResumed', data: {} };

const numbers = (turns: readonly { readonly agentId: AgentId }[]) =>
  turns.map(({ agentId }) => Number(agentId.slice(-3)));

describe('a schedule that is saved and restored', () => {
  it('goes on as the one that was saved: turns, slots, deadlines and waits', () => {
    const { schedule, happens, spawn } = story();
    [1, 2, 3, 4, 5, 6].forEach((number) => spawn(number, { deadlineMs: 9_000 + number }));
    happens(1, admitted);
    happens(2, admitted);
    happens(2, started);
    const wait = {
      toolCallId: 'w',
      childIds: [],
      mode: 'all' as const,
      needed: 0,
      deadlineMs: 5_000,
    };
    happens(2, { type: 'AwaitStarted', data: wait });
    happens(3, admitted);
    happens(3, parked);
    happens(3, woken);
    happens(4, paused);
    happens(6, completed);
    schedule.admit({ slots: 3, slotsPerTenant: 3 });

    const restored = new Schedule();
    restored.restore(JSON.parse(JSON.stringify(schedule.save())) as never, 0);
    expect(restored.loads.loadOf('acme').liveAgents).toBe(3);
    expect(restored.held).toBe(2);
    expect(restored.unstarted().map(({ agentId }) => agentId)).toEqual([anAgentId(1)]);
    expect(restored.openRuns()).toEqual([
      { agentId: anAgentId(2), dispatchId: 1, workerId: 'worker-1' },
    ]);
    // What was about to be admitted is queued again: the log will say.
    expect(numbers(restored.admit(roomy))).toEqual([3, 5]);
    expect(restored.takeDue(5_000, 0)).toMatchObject([{ kind: 'await', agentId: anAgentId(2) }]);
    expect(restored.takeDue(9_001, 4_000)).toMatchObject([
      { kind: 'await', agentId: anAgentId(2) },
      { kind: 'agent', agentId: anAgentId(1) },
    ]);
  });
});

describe('agents in the queue', () => {
  it('are admitted in the order they came', () => {
    const { schedule, spawn } = story();
    [1, 2, 3].forEach((number) => spawn(number));
    expect(numbers(schedule.admit(roomy))).toEqual([1, 2, 3]);
  });

  it('are admitted by priority first', () => {
    const { schedule, spawn } = story();
    spawn(1, { priority: 0 });
    spawn(2, { priority: 9 });
    spawn(3, { priority: 5 });
    expect(numbers(schedule.admit(roomy))).toEqual([2, 3, 1]);
  });

  it('stand behind those that were woken, whatever their priority', () => {
    const { schedule, spawn, happens } = story();
    spawn(1, { priority: 0 });
    [admitted, started, parked].forEach((event) => happens(1, event));
    spawn(2, { priority: 9 });
    happens(1, woken);
    expect(numbers(schedule.admit(roomy))).toEqual([1, 2]);
  });

  it('are named with the revision that queued them', () => {
    const { schedule, spawn, happens } = story();
    spawn(1);
    expect(schedule.admit(roomy)).toEqual([{ agentId: anAgentId(1), queuedRevision: 0 }]);
    [admitted, started, parked].forEach((event) => happens(1, event));
    const queuedRevision = happens(1, woken);
    expect(schedule.admit(roomy)).toEqual([{ agentId: anAgentId(1), queuedRevision }]);
  });

  it('are skipped while paused and back in the queue when resumed', () => {
    const { schedule, spawn, happens } = story();
    spawn(1);
    happens(1, paused);
    expect(schedule.admit(roomy)).toEqual([]);
    happens(1, resumed);
    expect(numbers(schedule.admit(roomy))).toEqual([1]);
  });

  it('leave it when they end', () => {
    const { schedule, spawn, happens } = story();
    spawn(1);
    happens(1, { type: 'AgentTerminated', data: { reason: 'enough' } });
    expect(schedule.admit(roomy)).toEqual([]);
    expect(schedule.loads.loadOf('acme').liveAgents).toBe(0);
  });
});

describe('slots', () => {
  it('are held from the admission until the agent parks or ends', () => {
    const { schedule, spawn, happens } = story();
    [1, 2, 3].forEach((number) => spawn(number));
    const two = { slots: 2, slotsPerTenant: 2 };
    expect(numbers(schedule.admit(two))).toEqual([1, 2]);
    expect(schedule.admit(two)).toEqual([]);
    [admitted, started].forEach((event) => happens(1, event));
    expect(schedule.admit(two)).toEqual([]);
    happens(1, parked);
    expect(numbers(schedule.admit(two))).toEqual([3]);
    happens(2, completed);
    expect(schedule.held).toBe(1);
  });

  it('are bounded for each tenant', () => {
    const { schedule, spawn } = story();
    [1, 2, 3].forEach((number) => spawn(number));
    expect(numbers(schedule.admit({ slots: 9, slotsPerTenant: 1 }))).toEqual([1]);
  });

  it('go to the tenant that holds the fewest, so a backlog of one does not hold up another', () => {
    const { schedule, spawn } = story();
    [1, 2, 3, 4, 5].forEach((number) => spawn(number));
    spawn(6, { tenant: 'globex' });
    expect(numbers(schedule.admit({ slots: 3, slotsPerTenant: 9 }))).toContain(6);
  });

  it('are free again when an admission does not come about', () => {
    const { schedule, spawn } = story();
    spawn(1);
    const [turn] = schedule.admit(roomy);
    if (turn === undefined) throw new Error('nobody was admitted');
    expect(schedule.held).toBe(1);
    schedule.giveBack(turn);
    expect(schedule.held).toBe(0);
    expect(numbers(schedule.admit(roomy))).toEqual([1]);
  });

  it('stay held when the admission came about after all', () => {
    const { schedule, spawn, happens } = story();
    spawn(1);
    const [turn] = schedule.admit(roomy);
    happens(1, admitted);
    if (turn !== undefined) schedule.giveBack(turn);
    expect(schedule.held).toBe(1);
    expect(schedule.admit(roomy)).toEqual([]);
  });

  it('are free when an agent is paused on its way in: what was sent to it is for a turn that is over', () => {
    const { schedule, spawn, happens } = story();
    spawn(1);
    const [turn] = schedule.admit(roomy);
    happens(1, paused);
    expect(schedule.held).toBe(0);
    const queuedRevision = happens(1, resumed);
    if (turn !== undefined) expect(schedule.isAdmitting(turn)).toBe(false);
    expect(schedule.admit(roomy)).toMatchObject([{ queuedRevision }]);
  });
});

describe('a new leader', () => {
  it('sees which admitted agents no worker has started', () => {
    const { schedule, spawn, happens } = story();
    [1, 2].forEach((number) => spawn(number));
    const dispatchId = happens(1, admitted);
    [admitted, started].forEach((event) => happens(2, event));
    expect(schedule.unstarted()).toEqual([
      { agentId: anAgentId(1), dispatchId, admittedAtMs: BUILT_AT_MS },
    ]);
  });
});

describe('deadlines', () => {
  const later = BUILT_AT_MS + 1_000;

  it('are due for queued, parked and running agents alike, and repeated while nothing happens', () => {
    const { schedule, spawn, happens } = story();
    spawn(1, { deadlineMs: later });
    spawn(2, { deadlineMs: later + 1 });
    [admitted, started].forEach((event) => happens(2, event));
    expect(schedule.nextDeadlineMs).toBe(later);
    expect(schedule.takeDue(later - 1, 0)).toEqual([]);
    expect(numbers(schedule.takeDue(later + 1, 0))).toEqual([1, 2]);
    expect(schedule.takeDue(later + 2, 1_999)).toEqual([]);
    expect(numbers(schedule.takeDue(later + 5_000, 5_000))).toEqual([1, 2]);
  });

  it('are as late as the newest extension says, also when the old one was due by then', () => {
    const { schedule, spawn, happens } = story();
    spawn(1, { deadlineMs: later });
    const extension = (deadlineMs: number) => ({
      type: 'LimitsExtended' as const,
      data: { add: { seconds: 9 }, limits: someLimits({ deadlineMs }), by: 'bob' },
    });
    happens(1, extension(later + 9_000));
    expect(schedule.takeDue(later + 8_999, 0)).toEqual([]);
    expect(schedule.nextDeadlineMs).toBe(later + 9_000);
    expect(numbers(schedule.takeDue(later + 9_000, 0))).toEqual([1]);
    happens(1, extension(later + 20_000));
    expect(schedule.takeDue(later + 12_000, 3_000)).toEqual([]);
    const restored = new Schedule();
    restored.restore(JSON.parse(JSON.stringify(schedule.save())) as never, 0);
    for (const one of [schedule, restored]) {
      expect(one.nextDeadlineMs).toBe(later + 20_000);
      expect(numbers(one.takeDue(later + 20_000, 9_000))).toEqual([1]);
    }
  });

  it('are repeated by the monotonic time: they were due by a clock that was an hour ahead', () => {
    const { schedule, spawn } = story();
    spawn(1, { deadlineMs: later });
    expect(numbers(schedule.takeDue(later + 3_600_000, 0))).toEqual([1]);
    expect(schedule.takeDue(later - 1, 2_000)).toEqual([]);
    expect(numbers(schedule.takeDue(later, 2_100))).toEqual([1]);
  });

  it('are gone with the agent', () => {
    const { schedule, spawn, happens } = story();
    spawn(1, { deadlineMs: later });
    happens(1, completed);
    expect(schedule.takeDue(later, 0)).toEqual([]);
  });

  it('wake an agent whose provider is to be asked again, also after a restart', () => {
    const { schedule, spawn, happens } = story();
    spawn(1);
    [admitted, started].forEach((event) => happens(1, event));
    happens(1, { type: 'AgentParked', data: { waitingFor: 'provider', untilMs: later } });
    const restored = new Schedule();
    restored.restore(schedule.save(), 0);
    for (const each of [schedule, restored]) {
      expect(each.held).toBe(0);
      expect(each.takeDue(later - 1, 0)).toEqual([]);
      expect(each.takeDue(later, 0)).toEqual([
        { kind: 'wake', agentId: anAgentId(1), tenant: 'acme' },
      ]);
    }
    happens(1, { type: 'AgentWoken', data: { reason: 'timer' } });
    expect(schedule.takeDue(later + 5_000, 5_000)).toEqual([]);
    expect(numbers(schedule.admit(roomy))).toEqual([1]);
  });

  it('end a question that nobody has answered', () => {
    const { schedule, spawn, happens } = story();
    const question = { toolCallId: 'm1_0', question: 'Which?', deadlineMs: later };
    for (const number of [1, 2]) {
      spawn(number);
      happens(number, { type: 'QuestionAsked', data: question });
    }
    happens(2, {
      type: 'ToolCallSettled',
      data: { toolCallId: 'm1_0', content: 'this', isError: false },
    });
    expect(schedule.takeDue(later, 0)).toEqual([
      { kind: 'await', agentId: anAgentId(1), tenant: 'acme', toolCallId: 'm1_0' },
    ]);
  });

  it('end an await that is still open', () => {
    const { schedule, spawn, happens } = story();
    spawn(1);
    happens(1, {
      type: 'AwaitStarted',
      data: { toolCallId: 'm1_0', childIds: [], mode: 'all', needed: 0, deadlineMs: later },
    });
    expect(schedule.takeDue(later, 0)).toEqual([
      { kind: 'await', agentId: anAgentId(1), tenant: 'acme', toolCallId: 'm1_0' },
    ]);
    happens(1, { type: 'AwaitEnded', data: { toolCallId: 'm1_0', reason: 'met' } });
    expect(schedule.takeDue(later + 5_000, 5_000)).toEqual([]);
  });
});
