import type { AgentEventData, AgentId } from '@skynet/contracts';
import {
  isSpawned,
  type AgentCommand,
  type AgentCommandName,
  type AgentCommandOf,
  type AgentState,
  type CausedEvent,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import {
  attributeNames as names,
  CommandHandler,
  type Clock,
  type EventStore,
  type Execution,
  type Origin,
  type ReadCommit,
  type Snapshots,
  type Tracing,
} from '@skynet/platform';
import { agentAttributes, agentNameOf } from '../telemetry/agent-attributes.js';
import { agentStreamModel } from './agent-stream.js';
import { FairTurns } from '../pacing/fair-turns.js';

export type AgentExecution = Execution<CausedEvent, AgentState>;

export interface AgentRequest<Type extends AgentCommandName> {
  /** The same id is the same command. */
  readonly id: string;
  readonly type: Type;
  readonly data: AgentCommandOf<Type>['data'];
}

/** Of all parents; a tree that grows must leave room for the work of others. */
const CHILDREN_MADE_AT_ONCE = 8;

/** The owner's door to agents: every change of an agent of this process goes through here. */
export class Agents {
  private readonly handler: CommandHandler<AgentCommand, CausedEvent, AgentState>;
  private readonly making = new FairTurns(CHILDREN_MADE_AT_ONCE);

  constructor(
    store: EventStore,
    private readonly clock: Clock,
    private readonly tracing: Tracing,
    snapshots?: Snapshots<AgentState>,
  ) {
    this.handler = new CommandHandler({ store, model: agentStreamModel, clock, snapshots });
  }

  /** The newest state, or one that is at least as new as `revision`. Safe to retry. */
  async load(agentId: AgentId, revision?: number): Promise<AgentState> {
    return (await this.handler.load(agentId, revision)).state;
  }

  /**
   * Carries out one command on one agent; safe to retry with the same id.
   *
   * @throws WorldError `retry: 'later'` when it is unknown whether it took effect
   */
  execute<Type extends AgentCommandName>(
    agentId: AgentId,
    request: AgentRequest<Type>,
    origin: Origin,
  ): Promise<AgentExecution> {
    const command = { ...request, nowMs: this.clock.nowMs() } as AgentCommand;
    return this.handler.execute(agentId, command, origin);
  }

  /** Makes the agent's stream; does nothing when it is there. What the agent does is traced below `create_agent`. */
  async spawn(
    data: AgentCommandOf<'SpawnAgent'>['data'],
    origin: Origin,
    id = `${data.agentId}:spawn`,
  ): Promise<AgentExecution> {
    const span = this.tracing.start(`create_agent ${agentNameOf(data)}`, {
      parent: origin.traceparent,
      attributes: { ...agentAttributes(data), [names.operation]: 'create_agent' },
    });
    const { traceparent } = span;
    const request = { id, type: 'SpawnAgent', data } as const;
    try {
      const spawned = await this.execute(data.agentId, request, { ...origin, traceparent });
      if (!spawned.ok) span.fail('refused', spawned.rejection.code);
      return spawned;
    } finally {
      span.end();
    }
  }

  /** Makes the stream of a child whose limits the parent has set aside, in its tenant's turn; does nothing when it is there. */
  spawnReserved(
    parent: SpawnedAgent,
    reserved: Pick<AgentEventData<'ChildReserved'>, 'childId' | 'depth' | 'spec' | 'limits'>,
    origin: Origin,
  ): Promise<AgentExecution> {
    const { childId, depth, spec, limits } = reserved;
    const { agentId: parentId, rootId, tenant, principal } = parent.spawned;
    const data = { agentId: childId, rootId, tenant, principal, parentId, depth, spec, limits };
    return this.making.run(tenant, () => this.spawn(data, origin));
  }

  /** Keeps known states near the log. */
  observe(commit: ReadCommit<CausedEvent>): void {
    this.handler.observe(commit);
  }
}

/** An agent acts on behalf of whoever spawned its tree. */
export function originOf(state: AgentState): Origin {
  if (!isSpawned(state)) throw new Error('an agent that was not spawned acts for nobody');
  const { tenant, principal } = state.spawned;
  return { tenant, principal };
}
