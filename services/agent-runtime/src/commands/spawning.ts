import {
  rejection,
  type AgentCommandData,
  type AgentId,
  type AgentSpec,
  type ClientContext,
  type CommandEnvelope,
  type RequestedLimits,
  type TenantQuotas,
} from '@skynet/contracts';
import {
  isSpawned,
  rootLimits,
  type AgentCommandOf,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { defaultsBelow, refusalOfLimits } from '@skynet/domain-scheduling';
import { isRefused, type Refused } from '@skynet/kernel';
import type { Clock, Origin } from '@skynet/platform';
import type { AgentExecution, Agents } from '../owner/agents.js';
import { originOf } from '../owner/envelope-origin.js';
import type { ReceivedCommand } from './received-command.js';
import { hashOfArguments, type SpecResolver } from '../spec/spec-resolver.js';

type Spawned = AgentExecution | Refused;

interface AskedRoot {
  readonly id: string;
  readonly agentId: AgentId;
  readonly spec: AgentSpec;
  /** Of the command. */
  readonly lastMomentMs: number;
  readonly context: ClientContext | undefined;
}

interface AskedChild {
  readonly id: string;
  readonly childId: AgentId;
  readonly spec: AgentSpec;
  readonly parent: SpawnedAgent;
}

/** How a root's stream began, when it began with a run here; undefined when nothing was made. */
export type BeginRoot = (root: {
  readonly data: AgentCommandOf<'SpawnAgent'>['data'];
  readonly origin: Origin;
  readonly id: string;
  readonly lastMomentMs: number;
}) => Promise<AgentExecution | undefined>;

/** Spawns roots and, on a client's wish, children of running agents. */
export class Spawning {
  constructor(
    private readonly agents: Agents,
    private readonly specs: Pick<SpecResolver, 'resolve'>,
    private readonly roots: {
      readonly defaults: Required<RequestedLimits>;
      quotasOf(tenant: string): TenantQuotas;
      readonly begin: BeginRoot;
    },
    private readonly clock: Clock,
  ) {}

  async spawn(envelope: ReceivedCommand, data: AgentCommandData<'SpawnAgent'>): Promise<Spawned> {
    const made = await this.make(envelope, data);
    // The agent's own rules have looked at what is there.
    const isDecided = 'state' in made;
    return isDecided ? made : ((await this.again(envelope, data)) ?? made);
  }

  /** What was spawned with the same arguments is there, though registry or quotas would let none begin any more. */
  private async again(
    envelope: CommandEnvelope,
    { agentId, parentId, arguments: args }: AgentCommandData<'SpawnAgent'>,
  ): Promise<AgentExecution | undefined> {
    const agent = await this.agents.load(agentId);
    if (!isSpawned(agent) || agent.spawned.tenant !== envelope.tenant) return undefined;
    const { spawned } = agent;
    const isSame = spawned.spec.argsHash === hashOfArguments(args, parentId);
    return isSame ? this.agents.spawn(spawned, originOf(envelope)) : undefined;
  }

  private async make(
    envelope: ReceivedCommand,
    data: AgentCommandData<'SpawnAgent'>,
  ): Promise<Spawned> {
    const { tenant } = envelope;
    const { agentId, parentId, arguments: args } = data;
    const origin = originOf(envelope);
    const parent = parentId === undefined ? undefined : await this.parentOf(tenant, parentId);
    if (parent !== undefined && isRefused(parent)) return parent;
    const spec = await this.specs.resolve({ tenant, arguments: args, parent });
    if (isRefused(spec)) return spec;
    // Two requests for one agent are two commands, so that one of them alone finds nothing done before it.
    const id = `${agentId}:${envelope.id}`;
    const { lastMomentMs, context } = envelope;
    return parent === undefined
      ? this.spawnRoot({ id, agentId, spec, lastMomentMs, context }, origin)
      : this.spawnChild({ id, childId: agentId, spec, parent }, origin);
  }

  private async parentOf(tenant: string, parentId: AgentId): Promise<SpawnedAgent | Refused> {
    const parent = await this.agents.load(parentId);
    if (isSpawned(parent) && parent.spawned.tenant === tenant) return parent;
    return { refused: rejection('AGENT_NOT_FOUND', `There is no agent ${parentId}.`) };
  }

  private async spawnRoot(root: AskedRoot, origin: Origin): Promise<Spawned> {
    const { id, agentId, spec, lastMomentMs, context } = root;
    const { tenant, principal } = origin;
    const { ceilings } = this.roots.quotasOf(tenant);
    const refused = refusalOfLimits(spec.limits, ceilings);
    if (refused !== undefined) return { refused };
    const defaults = defaultsBelow(this.roots.defaults, ceilings);
    const limits = rootLimits(spec.limits, defaults, this.clock.nowMs());
    const place = { agentId, rootId: agentId, tenant, principal, depth: 0 };
    const data = { ...place, spec, limits, ...(context && { context }) };
    // A repeat finds an agent that is there.
    const isNew = this.agents.known(agentId) === undefined;
    const begun = isNew ? await this.roots.begin({ data, origin, id, lastMomentMs }) : undefined;
    if (begun !== undefined) return begun;
    // The log may have been away for as long as that took.
    if (this.clock.monotonicMs() > lastMomentMs)
      return { refused: rejection('COMMAND_EXPIRED', `${agentId} was not made in time`) };
    return this.agents.spawn(data, origin, id);
  }

  /** The parent's stream first: what it sets aside there is the child's limit. */
  private async spawnChild(child: AskedChild, origin: Origin): Promise<AgentExecution> {
    const { id, childId, spec, parent } = child;
    const { agentId: parentId, depth } = parent.spawned;
    const reservation = await this.agents.execute(
      parentId,
      { id, type: 'ReserveChild', data: { childId, spec } },
      origin,
    );
    if (isRefused(reservation)) return reservation;
    const reserved = isSpawned(reservation.state)
      ? reservation.state.children.get(childId)
      : undefined;
    if (reserved === undefined) throw new Error(`${parentId} has no reservation for ${childId}`);
    const { limits } = reserved;
    const order = { childId, depth: depth + 1, spec, limits };
    const spawned = await this.agents.spawnReserved(parent, order, origin);
    // Whoever reserved made the child, though the reactor may have been quicker with its stream.
    return isRefused(spawned) ? spawned : { ...spawned, position: reservation.position };
  }
}
