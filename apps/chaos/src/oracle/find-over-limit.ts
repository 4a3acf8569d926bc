import type { LoggedCommit, LoggedEvent } from '../log/logged-commit.js';
import { endTypes } from './agent-history.js';
import type { Evidence, Finding } from './evidence.js';

/** A slot that a worker keeps for a tree is taken within this time after it was freed, by the times of the events. */
const KEPT_MS = 1_500;

interface Freed {
  readonly rootId: string;
  readonly timeMs: number;
}

interface Agent {
  readonly tenant: string;
  readonly rootId: string;
}

/** More agents with a slot than may have one, at any prefix of the log; and slots that were kept wrongly. */
export function findOverLimit({ commits, limits, leastStepMs }: Evidence): Finding[] {
  const slots = new Slots(limits, leastStepMs);
  return commits.flatMap(({ agentId, events }: LoggedCommit) =>
    events.flatMap((event) =>
      slots.apply(agentId, event).map((what) => ({ word: 'over limit' as const, agentId, what })),
    ),
  );
}

/** The slots of agents, by the events of all in the order of the log. */
class Slots {
  readonly #agents = new Map<string, Agent>();
  readonly #holders = new Map<string, string>();
  readonly #ofTenant = new Map<string, number>();
  /** Freed by a run whose worker may keep them; by agent. */
  readonly #freed = new Map<string, Freed>();

  constructor(
    private readonly limits: Evidence['limits'],
    private readonly leastStepMs: number,
  ) {}

  /** What is wrong now that was not before. */
  apply(agentId: string, { type, data, timeMs }: LoggedEvent): string[] {
    if (type === 'AgentSpawned') {
      this.#agents.set(agentId, { tenant: String(data['tenant']), rootId: String(data['rootId']) });
      return [];
    }
    if (type === 'AgentAdmitted') {
      return [...this.#takeKept(agentId, data['slot'], timeMs), ...this.#hold(agentId)];
    }
    if (type === 'RunStarted') return this.#hold(agentId);
    if (type === 'AgentParked' || type === 'RunYielded' || endTypes.has(type)) {
      this.#free(agentId, type, timeMs);
    }
    return [];
  }

  #hold(agentId: string): string[] {
    if (this.#holders.has(agentId)) return [];
    const tenant = this.#agents.get(agentId)?.tenant ?? '';
    this.#holders.set(agentId, tenant);
    const ofTenant = (this.#ofTenant.get(tenant) ?? 0) + 1;
    this.#ofTenant.set(tenant, ofTenant);
    const { running, runningPerTenant } = this.limits;
    const all = this.#holders.size;
    return [
      ...(all > running ? [`is number ${all} that has a slot, of at most ${running}`] : []),
      ...(ofTenant > runningPerTenant
        ? [`is number ${ofTenant} of ${tenant} that has a slot, of at most ${runningPerTenant}`]
        : []),
    ];
  }

  #free(agentId: string, type: string, timeMs: number): void {
    const tenant = this.#holders.get(agentId);
    if (tenant === undefined) return;
    this.#holders.delete(agentId);
    this.#ofTenant.set(tenant, (this.#ofTenant.get(tenant) ?? 1) - 1);
    const rootId = this.#agents.get(agentId)?.rootId ?? '';
    if (type !== 'RunYielded') this.#freed.set(agentId, { rootId, timeMs });
  }

  #takeKept(agentId: string, slot: unknown, timeMs: number): string[] {
    const { kind, of } = (slot ?? {}) as { readonly kind?: string; readonly of?: string };
    if (kind !== 'kept' || of === undefined) return [];
    const freed = this.#freed.get(of);
    this.#freed.delete(of);
    if (freed === undefined) return [`took the slot that ${of} had not left, or not to it`];
    const lateMs = timeMs - freed.timeMs;
    const isLate = lateMs > KEPT_MS && lateMs < this.leastStepMs;
    const rootId = this.#agents.get(agentId)?.rootId;
    return [
      ...(freed.rootId === rootId ? [] : [`took the slot that ${of} had left to another tree`]),
      ...(isLate ? [`took the slot of ${of} ${lateMs} ms after it was left`] : []),
    ];
  }
}
