import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentId } from '@skynet/contracts';
import {
  agentAdmitted,
  agentSpawned,
  anAgentId,
  BUILT_AT_MS,
  runStarted,
  someLimits,
} from '@skynet/testing';
import { Schedule } from './schedule.js';

const CAP = 2;
const capsOf = () => ({ liveAgents: CAP });
const roomy = { slots: 100, slotsPerTenant: 100, capsOf };

let schedule: Schedule;
let revisions: Map<AgentId, number>;

beforeEach(() => {
  schedule = new Schedule();
  revisions = new Map();
});

function happens(number: number, ...events: readonly AgentEvent[]): void {
  const agentId = anAgentId(number);
  for (const event of events) {
    const revision = (revisions.get(agentId) ?? -1) + 1;
    revisions.set(agentId, revision);
    schedule.apply({ ...event, agentId, revision, timeMs: BUILT_AT_MS, inLogMs: 0 });
  }
}

function spawn(number: number, { root = number, tenant = 'acme', paused = false } = {}): void {
  const ids = { agentId: anAgentId(number), rootId: anAgentId(root) };
  const limits = someLimits({ deadlineMs: Infinity });
  happens(number, agentSpawned({ ...ids, tenant, limits }), ...(paused ? [pause] : []));
}

const admitted: AgentEvent = agentAdmitted();
const started: AgentEvent = runStarted();
const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'children' } };
const woken: AgentEvent = { type: 'AgentWoken', data: { reason: 'children' } };
const completed: AgentEvent = { type: 'AgentCompleted', data: { output: 'done' } };
const pause: AgentEvent = { type: 'AgentPaused', data: {} };
const resume: AgentEvent = { type: 'AgentResumed', data: {} };

/** Who is given a slot now; each runs from then on. */
function turns(capacity: Parameters<Schedule['admit']>[0] = roomy): number[] {
  const numbers = schedule.admit(capacity).map(({ agentId }) => Number(agentId.slice(-3)));
  for (const number of numbers) happens(number, admitted, started);
  return numbers;
}

describe('a tenant with as many live agents as it may have', () => {
  it('starts no further tree until one of them ends, and then the one that came first', () => {
    [1, 2, 3, 4].forEach((number) => spawn(number));
    expect(turns()).toEqual([1, 2]);
    expect(turns()).toEqual([]);
    happens(1, completed);
    expect(turns()).toEqual([3]);
  });

  it('has the children of its trees run, and its parents go on, however many they are', () => {
    [1, 2].forEach((number) => spawn(number));
    turns();
    spawn(3);
    [11, 12, 13].forEach((child) => spawn(child, { root: 1 }));
    happens(1, parked);
    expect(turns()).toEqual([11, 12, 13]);
    happens(1, woken);
    expect(turns()).toEqual([1]);
    expect(schedule.loads.loadOf('acme').liveAgents).toBe(5);
    [1, 2, 11, 12].forEach((ended) => happens(ended, completed));
    // One that outlives its root still counts, and leaves room for one more.
    expect(schedule.loads.loadOf('acme').liveAgents).toBe(1);
    expect(turns()).toEqual([3]);
  });

  it('holds up no other tenant', () => {
    [1, 2, 3].forEach((number) => spawn(number));
    spawn(4, { tenant: 'globex' });
    expect(turns().toSorted()).toEqual([1, 2, 4]);
  });

  it('says so of the roots that wait, and of nobody else', () => {
    [1, 2, 3, 4].forEach((number) => spawn(number));
    turns();
    spawn(11, { root: 1 });
    const waits = [1, 3, 11].map((number) => schedule.waitOf(anAgentId(number), 'acme', capsOf));
    expect(waits).toEqual([
      undefined,
      { limit: 'liveAgents', max: CAP, waitingTrees: 2 },
      undefined,
    ]);
    expect(schedule.waitOf(anAgentId(3), 'globex', capsOf)).toBeUndefined();
    happens(1, completed);
    happens(11, completed);
    expect(schedule.waitOf(anAgentId(3), 'acme', capsOf)).toBeUndefined();
  });

  it('is the same after a restart', () => {
    [1, 2, 3].forEach((number) => spawn(number));
    turns();
    happens(1, parked);
    const restored = new Schedule();
    restored.restore(JSON.parse(JSON.stringify(schedule.save())) as never, 0);
    expect(restored.admit(roomy)).toEqual([]);
    expect(restored.loads.loadOf('acme').liveAgents).toBe(2);
    expect(restored.waitOf(anAgentId(3), 'acme', capsOf)).toMatchObject({ waitingTrees: 1 });
  });
});

describe('a root that waits', () => {
  it('keeps its place when its admission does not come about, and its tree has not started', () => {
    [1, 2, 3].forEach((number) => spawn(number));
    const given = schedule.admit(roomy);
    expect(given).toHaveLength(2);
    given.forEach((turn) => schedule.giveBack(turn));
    expect(schedule.loads.loadOf('acme').liveAgents).toBe(0);
    expect(turns()).toHaveLength(2);
  });

  it('is passed over while it is paused, and its tree is none that runs', () => {
    spawn(1, { paused: true });
    [2, 3, 4].forEach((number) => spawn(number));
    expect(turns()).toEqual([2, 3]);
    happens(1, resume);
    expect(turns()).toEqual([]);
    [2, 3].forEach((number) => happens(number, completed));
    expect(turns().toSorted()).toEqual([1, 4]);
  });

  it('keeps the children that it was forked with waiting, until it has a slot or ends', () => {
    [1, 2].forEach((number) => spawn(number));
    turns();
    [3, 4].forEach((root) => {
      spawn(root);
      spawn(10 + root, { root });
    });
    expect(turns()).toEqual([]);
    happens(4, completed);
    expect(turns()).toEqual([14]);
    [1, 2].forEach((number) => happens(number, completed));
    expect(turns()).toEqual([3]);
    expect(turns()).toEqual([13]);
  });

  it('is no longer one once it had a slot: woken, yielded and resumed roots go on', () => {
    [1, 2].forEach((number) => spawn(number));
    turns();
    happens(1, parked, pause);
    [11, 12].forEach((child) => spawn(child, { root: 1 }));
    expect(turns()).toEqual([11, 12]);
    happens(1, woken, resume);
    expect(turns()).toEqual([1]);
    happens(1, { type: 'RunYielded', data: { epoch: 1, reason: 'handover' } });
    expect(turns()).toEqual([1]);
  });
});

describe('a cap of running trees', () => {
  it('counts trees with live agents, not agents', () => {
    const capacity = { ...roomy, capsOf: () => ({ runningTrees: 1 }) };
    [1, 2].forEach((number) => spawn(number));
    expect(turns(capacity)).toEqual([1]);
    spawn(11, { root: 1 });
    expect(turns(capacity)).toEqual([11]);
    happens(1, completed);
    expect(turns(capacity)).toEqual([]);
    happens(11, completed);
    expect(turns(capacity)).toEqual([2]);
  });
});
