import {
  rejection,
  type AgentCommandData,
  type AgentId,
  type CommandEnvelope,
  type Extension,
  type Limits,
  type TenantQuotas,
} from '@skynet/contracts';
import { isSpawned, takesMore, type AgentState, type SpawnedAgent } from '@skynet/domain-agents';
import { refusalOfDay } from '@skynet/domain-scheduling';
import { isRefused, type Refused, type Rejection } from '@skynet/kernel';
import type { Clock } from '@skynet/platform';
import { extensionIdOf, type AgentExecution, type Agents } from '../owner/agents.js';
import { originOf } from '../owner/envelope-origin.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';

type Extended = AgentExecution | Refused;

export interface ExtendingContext {
  readonly agents: Pick<Agents, 'load' | 'execute' | 'takeExtension'>;
  readonly index: Pick<AgentIndex, 'get' | 'useOf'>;
  readonly tenants: { quotasOf(tenant: string): TenantQuotas };
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Gives live agents more budget or time. */
export class Extending {
  constructor(private readonly context: ExtendingContext) {}

  /** Another tenant's agent is not found, like one that never was. Safe to retry with the same id. */
  async extend(
    envelope: CommandEnvelope,
    { agentId, add }: AgentCommandData<'ExtendAgent'>,
  ): Promise<Extended> {
    const state = await this.context.agents.load(agentId);
    if (!isSpawned(state) || state.spawned.tenant !== envelope.tenant) {
      return { refused: rejection('AGENT_NOT_FOUND', `There is no agent ${agentId}.`) };
    }
    const { parentId } = state.spawned;
    return parentId === undefined
      ? this.extendRoot(envelope, state, add)
      : this.extendChild(envelope, { child: state, parentId, add });
  }

  private async extendRoot(
    envelope: CommandEnvelope,
    state: SpawnedAgent,
    add: Extension,
  ): Promise<Extended> {
    const { id, principal: by, tenant } = envelope;
    const { agentId } = state.spawned;
    const refused = isKnown(state, id) ? undefined : this.refusalOfToday(tenant, add);
    if (refused !== undefined) return { refused };
    const data = { add, by, most: this.ceilingsOf(agentId, tenant) };
    const request = { id, type: 'ExtendAgent', data } as const;
    return this.context.agents.execute(agentId, request, originOf(envelope));
  }

  /** The parent's stream first: what it sets aside there is what the child gets. */
  private async extendChild(
    envelope: CommandEnvelope,
    asked: {
      readonly child: SpawnedAgent;
      readonly parentId: AgentId;
      readonly add: Extension;
    },
  ): Promise<Extended> {
    const { child, parentId, add } = asked;
    const { id, principal: by } = envelope;
    const { agentId: childId } = child.spawned;
    const { agents } = this.context;
    const origin = originOf(envelope);
    // Nothing is set aside for what can make no use of it.
    if (!takesMore(child) && !isKnown(child, extensionIdOf(id))) {
      const message = `${childId} has ended, or has its last word`;
      return { refused: rejection('AGENT_ALREADY_ENDED', message) };
    }
    const data = { childId, add, by };
    const request = { id, type: 'ExtendChild', data } as const;
    const reservation = await agents.execute(parentId, request, origin);
    if (isRefused(reservation)) return reservation;
    const limits = limitsIn(reservation.state, childId);
    const taken = await agents.takeExtension(childId, { id, add, limits, by }, origin);
    // Whoever set it aside has extended the child, though the reactor may have been quicker with its stream.
    return isRefused(taken) ? taken : { ...taken, position: reservation.position };
  }

  private refusalOfToday(
    tenant: string,
    { tokens, costMicroUsd }: Extension,
  ): Rejection | undefined {
    if (tokens === undefined && costMicroUsd === undefined) return undefined;
    const { clock, index, tenants } = this.context;
    return refusalOfDay(tenants.quotasOf(tenant), index.useOf(tenant), clock.nowMs());
  }

  /** The time that a root may have counts from its spawn. */
  private ceilingsOf(agentId: AgentId, tenant: string): Partial<Limits> {
    const { clock, index, tenants } = this.context;
    const { tokens, costMicroUsd, seconds, descendants } = tenants.quotasOf(tenant).ceilings ?? {};
    const spawnedAtMs = index.get(agentId)?.spawnedAtMs ?? clock.nowMs();
    return {
      ...(tokens !== undefined && { tokens }),
      ...(costMicroUsd !== undefined && { costMicroUsd }),
      ...(descendants !== undefined && { descendants }),
      ...(seconds !== undefined && { deadlineMs: spawnedAtMs + seconds * 1_000 }),
    };
  }
}

function isKnown({ extensions = [] }: SpawnedAgent, commandId: string): boolean {
  return extensions.some(({ id }) => id === commandId);
}

function limitsIn(parent: AgentState, childId: AgentId): Limits {
  const child = isSpawned(parent) ? parent.children.get(childId) : undefined;
  if (child === undefined) throw new Error(`nothing is set aside for ${childId}`);
  return child.limits;
}
