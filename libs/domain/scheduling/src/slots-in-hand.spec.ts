import { describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentId } from '@skynet/contracts';
import { agentAdmitted, agentSpawned, anAgentId, BUILT_AT_MS } from '@skynet/testing';
import { Schedule } from './schedule.js';

const roomy = { slots: 100, slotsPerTenant: 100 };

/** A schedule that hears of events at the times that the test says. */
function story() {
  const schedule = new Schedule();
  const revisions = new Map<AgentId, number>();
  const happens = (agentId: AgentId, inLogMs: number, ...events: AgentEvent[]) => {
    for (const event of events) {
      const revision = (revisions.get(agentId) ?? -1) + 1;
      revisions.set(agentId, revision);
      // The clock of whoever wrote it says nothing of ours.
      schedule.apply({ ...event, agentId, revision, timeMs: BUILT_AT_MS, inLogMs });
    }
  };
  return { schedule, happens };
}

const root = anAgentId(1);
const child = anAgentId(2);
const spawned = agentSpawned({ agentId: root, rootId: root });
const bornBelow = agentSpawned({ agentId: child, rootId: root, parentId: root });
const admitted = agentAdmitted;
const started = (keepsSlot = true): AgentEvent => ({
  type: 'RunStarted',
  data: { epoch: 1, dispatchId: 1, workerId: 'w', offered: null, rules: 1, keepsSlot },
});
const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'children' } };
const completed: AgentEvent = { type: 'AgentCompleted', data: { output: 'done' } };
const terminated: AgentEvent = { type: 'AgentTerminated', data: { reason: 'enough' } };

describe('a slot that a run has freed for its tree', () => {
  it('is held until another agent of the tree has it: never is there one more, nor one less', () => {
    const { schedule, happens } = story();
    happens(root, 0, spawned, admitted(), started());
    expect(schedule.held).toBe(1);
    happens(root, 10, parked);
    expect(schedule.held).toBe(1);
    happens(child, 20, bornBelow, admitted({ kind: 'kept', of: root }), started());
    expect(schedule.held).toBe(1);
    happens(child, 30, completed);
    expect(schedule.held).toBe(1);
    const woken: AgentEvent = { type: 'AgentWoken', data: { reason: 'children' } };
    happens(root, 40, woken, admitted({ kind: 'kept', of: child }), started(), completed);
    expect(schedule.held).toBe(0);
  });

  it('is free when nobody could have taken it in time', () => {
    const { schedule, happens } = story();
    happens(root, 0, spawned, admitted(), started(), parked);
    schedule.freeOverdue(1_500);
    expect(schedule.held).toBe(1);
    schedule.freeOverdue(1_501);
    expect(schedule.held).toBe(0);
  });

  it('is free when the worker gives it back, also before the log tells that it was freed', () => {
    const { schedule, happens } = story();
    happens(root, 0, spawned, admitted(), started(), parked);
    schedule.takeBack({ of: [{ agentId: root, dispatchId: 1 }] }, 5);
    expect(schedule.held).toBe(0);
    happens(child, 10, bornBelow, admitted(), started());
    schedule.takeBack({ of: [{ agentId: child, dispatchId: 1 }] }, 15);
    happens(child, 20, completed);
    expect(schedule.held).toBe(0);
  });

  it('stays held when it is said again of an earlier run that its slot is of no use', () => {
    const { schedule, happens } = story();
    happens(root, 0, spawned, admitted(), started(), parked);
    const earlier = { agentId: root, dispatchId: 1 };
    for (const nowMs of [5, 6]) schedule.takeBack({ of: [earlier] }, nowMs);
    const woken: AgentEvent = { type: 'AgentWoken', data: { reason: 'children' } };
    happens(root, 10, woken, admitted(), started(), parked);
    expect(schedule.held).toBe(1);
    schedule.takeBack({ of: [earlier] }, 20);
    expect(schedule.held).toBe(1);
  });

  it('is free at once when the worker keeps none, its agent was ended by others, or the tree is over', () => {
    const { schedule, happens } = story();
    happens(child, 0, bornBelow, admitted(), started(false), parked);
    expect(schedule.held).toBe(0);
    happens(root, 0, spawned, admitted(), started(), completed);
    expect(schedule.held).toBe(0);
    const other = anAgentId(3);
    const born = agentSpawned({ agentId: other, rootId: root, parentId: root });
    happens(other, 0, born, admitted(), started(), terminated);
    expect(schedule.held).toBe(0);
  });

  it('is kept from others, also by a schedule that was saved and restored', () => {
    const { schedule, happens } = story();
    happens(root, 0, spawned, admitted(), started(), parked);
    const waiting = anAgentId(9);
    happens(waiting, 1, agentSpawned({ agentId: waiting, rootId: waiting }));
    const restored = new Schedule();
    restored.restore(JSON.parse(JSON.stringify(schedule.save())) as never, 7_000);
    for (const [each, freeMs] of [
      [schedule, 0],
      [restored, 7_000],
    ] as const) {
      each.freeOverdue(freeMs + 1_500);
      expect(each.admit({ slots: 1, slotsPerTenant: 1 })).toEqual([]);
      each.freeOverdue(freeMs + 1_501);
      expect(each.admit({ slots: 1, slotsPerTenant: 1 })).toHaveLength(1);
    }
  });
});

describe('slots that are lent', () => {
  const wish = { loanId: 'l', tenant: 'acme', count: 3, untilMs: 1_000 };

  it('are no more than are free, and none for a tenant beyond its share', () => {
    const { schedule } = story();
    expect(schedule.lend(wish, { slots: 2, slotsPerTenant: 100 })).toBe(2);
    expect(schedule.held).toBe(2);
    expect(schedule.lend({ ...wish, loanId: 'm' }, { slots: 2, slotsPerTenant: 100 })).toBe(0);
    expect(schedule.lend({ ...wish, loanId: 'n' }, { slots: 9, slotsPerTenant: 2 })).toBe(0);
  });

  it('are none while anybody waits who could have one', () => {
    const { schedule, happens } = story();
    happens(root, 0, spawned);
    expect(schedule.lend(wish, roomy)).toBe(0);
    schedule.admit(roomy);
    expect(schedule.lend(wish, roomy)).toBe(3);
  });

  it('are no more than the tenant would be given beside a heavier one that waits', () => {
    const weights: Record<string, number> = { globex: 10 };
    const weightOf = (tenant: string) => weights[tenant] ?? 1;
    const shared = { slots: 64, slotsPerTenant: 100, kept: 1 / 8, weightOf };
    const full = () => {
      const { schedule, happens } = story();
      const rootsOf = (tenant: string, first: number) => {
        for (let place = first; place < first + 100; place += 1) {
          const agentId = anAgentId(place);
          happens(agentId, 0, agentSpawned({ agentId, rootId: agentId, tenant }));
        }
      };
      rootsOf('globex', 100);
      expect(schedule.admit(shared)).toHaveLength(56);
      return { schedule, rootsOf };
    };
    const queued = full();
    queued.rootsOf('acme', 200);
    const given = queued.schedule.admit(shared).length;
    expect(given).toBe(3);
    expect(full().schedule.lend({ ...wish, count: 64 }, shared)).toBe(given);
  });

  it('are held one by one by the agents that have them, the rest until the loan is over', () => {
    const { schedule, happens } = story();
    schedule.lend(wish, roomy);
    happens(child, 10, bornBelow, admitted({ kind: 'lent', loanId: 'l' }), started());
    expect(schedule.held).toBe(3);
    schedule.freeOverdue(1_001);
    expect(schedule.held).toBe(1);
    happens(child, 2_000, terminated);
    expect(schedule.held).toBe(0);
  });

  it('for trees that begin are no more than the tenant may have, those lent before and those that wait included', () => {
    const { schedule, happens } = story();
    const roots = { ...wish, startsTrees: true };
    const capped = (caps: object) => ({ ...roomy, capsOf: () => caps });
    expect(schedule.lend(roots, capped({ runningTrees: 2 }))).toBe(2);
    expect(schedule.lend({ ...roots, loanId: 'm' }, capped({ runningTrees: 2 }))).toBe(0);
    expect(schedule.lend({ ...roots, loanId: 'n' }, capped({ liveAgents: 3 }))).toBe(1);
    happens(root, 1, spawned);
    expect(schedule.admit(capped({ runningTrees: 3 }))).toEqual([]);
    expect(schedule.lend({ ...wish, loanId: 'o' }, capped({ runningTrees: 3 }))).toBe(3);
    schedule.freeOverdue(1_001);
    expect(schedule.admit(capped({ runningTrees: 1 }))).toHaveLength(1);
  });

  it('for trees that begin count once when their roots have them', () => {
    const { schedule, happens } = story();
    const two = { ...roomy, capsOf: () => ({ runningTrees: 2 }) };
    schedule.lend({ ...wish, count: 1, startsTrees: true }, two);
    happens(root, 1, spawned, admitted({ kind: 'lent', loanId: 'l' }), started());
    expect(schedule.held).toBe(1);
    expect(schedule.lend({ ...wish, loanId: 'm', startsTrees: true }, two)).toBe(1);
  });

  it('are free as soon as the worker says that it has no use for them, which counts once', () => {
    const { schedule, happens } = story();
    const one = { ...roomy, capsOf: () => ({ runningTrees: 3 }) };
    schedule.lend({ ...wish, startsTrees: true }, one);
    happens(root, 1, spawned, admitted({ kind: 'lent', loanId: 'l' }), started());
    for (const nowMs of [5, 6]) {
      schedule.takeBack({ of: [], loans: [{ loanId: 'l', count: 1 }] }, nowMs);
      expect(schedule.held).toBe(2);
    }
    schedule.takeBack({ of: [], loans: [{ loanId: 'unknown', count: 9 }] }, 7);
    expect(schedule.held).toBe(2);
    expect(schedule.lend({ ...wish, loanId: 'm', startsTrees: true }, one)).toBe(1);
  });

  it('are overdue once their time is over, and only where some are left', () => {
    const { schedule, happens } = story();
    schedule.lend(wish, roomy);
    happens(child, 10, bornBelow, admitted({ kind: 'lent', loanId: 'l' }), started());
    expect([schedule.hasOverdue(1_000), schedule.hasOverdue(1_001)]).toEqual([false, true]);
    schedule.takeBack({ of: [], loans: [{ loanId: 'l', count: 2 }] }, 20);
    expect([schedule.held, schedule.hasPromised, schedule.hasOverdue(1_001)]).toEqual([
      1,
      false,
      false,
    ]);
  });
});
