import { APPEND_GRACE_MS, SLOT_KEPT_MS, type AgentEventData } from '@skynet/contracts';
import { dataAs } from '../world/logged-agents.js';
import type { Evidence } from './evidence.js';
import { isTerminal } from './budgets.js';

/** After every event no more agents hold slots than may, in all and of each tenant. */
export function findCrowds({ plan, world }: Evidence): string[] {
  const { maxRunning, maxRunningPerTenant } = plan.sizes;
  const holding = new Map<string, string>();
  const found: string[] = [];
  for (const { agent, event } of world.log.events) {
    const { agentId, path, tenant } = agent;
    if (event.type === 'AgentAdmitted') holding.set(agentId, tenant);
    else if (frees(event.type)) holding.delete(agentId);
    if (event.type !== 'AgentAdmitted' || found.length > 0) continue;
    const own = [...holding.values()].filter((other) => other === tenant).length;
    const at = `with ${path} at ${event.atMs.toFixed(0)} ms`;
    if (holding.size > maxRunning)
      found.push(`${holding.size} agents hold slots, ${maxRunning} may, ${at}`);
    if (own > maxRunningPerTenant)
      found.push(`${own} agents of ${tenant} hold slots, ${maxRunningPerTenant} may, ${at}`);
  }
  return found;
}

function frees(type: string): boolean {
  return isTerminal(type) || type === 'AgentParked' || type === 'RunYielded';
}

/** Slots that were kept or lent are taken in their time, for after it others may have them. */
export function findLateStarts({ world }: Evidence): string[] {
  const freedMs = new Map<string, number>();
  return world.log.events.flatMap(({ agent, event: { type, data, atMs } }) => {
    if (frees(type)) freedMs.set(agent.agentId, atMs);
    if (type !== 'AgentAdmitted') return [];
    const { slot } = dataAs<AgentEventData<'AgentAdmitted'>>(data);
    if (slot.kind === 'given') return [];
    const untilMs =
      slot.kind === 'kept'
        ? (freedMs.get(slot.of) ?? -Infinity) + SLOT_KEPT_MS
        : (world.network.loans.get(slot.loanId) ?? -Infinity);
    const lateMs = atMs - untilMs;
    if (lateMs <= APPEND_GRACE_MS) return [];
    return [
      `${agent.path} takes a slot that is ${slot.kind} ${lateMs.toFixed(0)} ms after its time`,
    ];
  });
}
