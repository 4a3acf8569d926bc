import { streamNames } from '@skynet/contracts';
import { dataAs, type LoggedAgent, type OtherEvent } from '../world/logged-agents.js';
import { isTerminal } from './budgets.js';
import type { Evidence } from './evidence.js';

/** A command that was decided on so long ago may still take effect. */
const UNDER_WAY_MS = 3_000;

const caps = ['runningTrees', 'liveAgents'] as const;
type Amounts = Record<(typeof caps)[number], number>;

interface Tree {
  readonly live: Set<string>;
  isStarted: boolean;
  /** Only children are left of it, which were reserved before its root ended and made behind that. */
  readonly isLate: boolean;
}

/** What one tenant has under way, event by event. */
class Load {
  private readonly trees = new Map<string, Tree>();
  private readonly history: (Amounts & { readonly atMs: number; readonly startedTrees: number })[] =
    [];

  add({ agentId, rootId }: LoggedAgent): void {
    const isLate = agentId !== rootId;
    const tree = this.trees.get(rootId) ?? { live: new Set(), isStarted: isLate, isLate };
    this.trees.set(rootId, tree);
    tree.live.add(agentId);
  }

  remove({ agentId, rootId }: LoggedAgent): void {
    const tree = this.trees.get(rootId);
    if (tree === undefined) return;
    if (agentId === rootId) tree.isStarted = true;
    tree.live.delete(agentId);
    if (tree.live.size === 0) this.trees.delete(rootId);
  }

  /** True when it was not before. */
  start({ agentId, rootId }: LoggedAgent): boolean {
    const tree = this.trees.get(rootId);
    if (agentId !== rootId || tree === undefined || tree.isStarted) return false;
    tree.isStarted = true;
    return true;
  }

  note(atMs: number): void {
    const started = [...this.trees.values()].filter(({ isStarted }) => isStarted);
    const liveAgents = started.reduce((sum, { live }) => sum + live.size, 0);
    const startedTrees = started.filter(({ isLate }) => !isLate).length;
    this.history.push({ atMs, runningTrees: started.length, startedTrees, liveAgents });
  }

  /** The least of each since then, before the newest event. */
  leastSince(sinceMs: number): Amounts {
    const least = { runningTrees: Infinity, liveAgents: Infinity };
    for (let at = this.history.length - 1; at >= 0; at -= 1) {
      const then = this.history[at];
      if (then === undefined) break;
      for (const cap of caps) least[cap] = Math.min(least[cap], then[cap]);
      if (then.atMs < sinceMs) break;
    }
    const { runningTrees, liveAgents } = least;
    // Trees are started by one alone, who knows of all that it started, though not yet of late children.
    const started = this.history.at(-1)?.startedTrees ?? 0;
    return { runningTrees: Math.max(runningTrees, started), liveAgents };
  }
}

/** No tree starts while its tenant has as much under way as its quotas allow. */
export function findExceeded({ plan, world }: Evidence): string[] {
  const quotas = world.log.of(streamNames.tenantPrefix);
  const defaults = { runningTrees: Infinity, liveAgents: plan.sizes.maxLivePerTenant };
  const byTenant = Map.groupBy(world.log.events, ({ agent }) => agent.tenant);
  return [...byTenant].flatMap(([tenant, events]) => {
    const load = new Load();
    load.note(0);
    return events.flatMap(({ agent, event }) => {
      const { type, atMs } = event;
      // What was given once is sent until it arrives.
      const givenMs = world.network.givenMs.get(agent.agentId) ?? atMs;
      const sinceMs = Math.min(givenMs, atMs) - UNDER_WAY_MS;
      const before = type === 'AgentAdmitted' ? load.leastSince(sinceMs) : undefined;
      if (type === 'AgentSpawned') load.add(agent);
      else if (isTerminal(type)) load.remove(agent);
      const isStart = type === 'AgentAdmitted' && load.start(agent);
      load.note(atMs);
      if (!isStart || before === undefined) return [];
      const most = mostOf(quotas.get(tenant) ?? [], defaults, { sinceMs, atMs });
      const over = caps.filter((cap) => before[cap] >= most[cap]);
      return over.map(
        (cap) =>
          `${agent.path} starts beside ${before[cap]} ${cap} of ${tenant}, limit ${most[cap]}`,
      );
    });
  });
}

/** The most that was allowed lately. */
function mostOf(
  changes: readonly OtherEvent[],
  defaults: Amounts,
  { sinceMs, atMs: nowMs }: { readonly sinceMs: number; readonly atMs: number },
): Amounts {
  const sets = changes.map(({ data, atMs }) => ({ ...dataAs<Partial<Amounts>>(data), atMs }));
  const past = [{ atMs: -Infinity }, ...sets].filter(({ atMs }) => atMs <= nowMs);
  const first = past.findLastIndex(({ atMs }) => atMs < sinceMs);
  const allowed: Amounts[] = past.slice(first).map((set) => ({ ...defaults, ...set }));
  const most = (cap: keyof Amounts) => Math.max(...allowed.map((amounts) => amounts[cap]));
  return { runningTrees: most('runningTrees'), liveAgents: most('liveAgents') };
}
