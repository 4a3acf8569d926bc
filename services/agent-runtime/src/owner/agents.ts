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
  CommandHandler,
  type Clock,
  type EventStore,
  type Execution,
  type Origin,
  type ReadCommit,
  type Snapshots,
} from '@skynet/platform';
import { agentStreamModel } from './agent-stream.js';
import { FairTurns } from '../pacing/fair-turns.js';
import { SharedTurns } from '../pacing/shared-turns.js';

export type AgentExecution = Execution<CausedEvent, AgentState>;

export interface AgentRequest<Type extends AgentCommandName> {
  /** The same id is the same command. */
  readonly id: string;
  readonly type: Type;
  readonly data: AgentCommandOf<Type>['data'];
  /** Monotonic milliseconds: later it changes nothing. Default: no such time. */
  readonly lastMomentMs?: number;
  /** It changes nothing unless the one before it in its commit has. Default: false. */
  readonly follows?: boolean;
}

/** A request of any type. */
export type AnyAgentRequest = {
  [Type in AgentCommandName]: AgentRequest<Type>;
}[AgentCommandName];

/** A request, and on whose behalf. */
export interface AgentOrder {
  readonly request: AnyAgentRequest;
  readonly origin: Origin;
}

/** A child whose limits its parent has set aside. */
export type ReservedChild = Pick<
  AgentEventData<'ChildReserved'>,
  'childId' | 'depth' | 'spec' | 'limits'
>;

/** Of all parents; a tree that grows must leave room for the work of others. */
const CHILDREN_MADE_AT_ONCE = 8;
/** Of all tenants, where several have some. */
const STEPS_AT_ONCE = 16;

/** The owner's door to agents: every change of an agent of this process goes through here. */
export class Agents {
  private readonly handler: CommandHandler<AgentCommand, CausedEvent, AgentState>;
  private readonly making = new FairTurns(CHILDREN_MADE_AT_ONCE);
  private readonly steps: SharedTurns;

  constructor(
    store: EventStore,
    private readonly clock: Clock,
    snapshots?: Snapshots<AgentState>,
  ) {
    this.steps = new SharedTurns(STEPS_AT_ONCE, clock);
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

  /**
   * Carries out commands on one agent in their order and in one commit; what became of the last. As safe to retry as each.
   *
   * @throws WorldError as `execute`
   */
  async executeTogether(agentId: AgentId, orders: readonly AgentOrder[]): Promise<AgentExecution> {
    const nowMs = this.clock.nowMs();
    const commands = orders.map(({ request, origin }) => ({
      command: { ...request, nowMs },
      origin,
    }));
    const tenant = orders[0]?.origin.tenant ?? '';
    const executions = await this.steps.run(tenant, () =>
      this.handler.executeTogether(agentId, commands),
    );
    const last = executions.at(-1);
    if (last === undefined) throw new Error(`no command for ${agentId}`);
    return last;
  }

  /** The state as far as it is known here without asking the log. */
  known(agentId: AgentId): AgentState | undefined {
    return this.handler.known(agentId)?.state;
  }

  /** Makes the agent's stream; does nothing when it is there. */
  async spawn(
    data: AgentCommandOf<'SpawnAgent'>['data'],
    origin: Origin,
    id = `${data.agentId}:spawn`,
  ): Promise<AgentExecution> {
    return this.execute(data.agentId, { id, type: 'SpawnAgent', data }, origin);
  }

  /** Makes the stream of a child whose limits the parent has set aside, in its tenant's turn; does nothing when it is there. */
  spawnReserved(
    parent: SpawnedAgent,
    reserved: ReservedChild,
    origin: Origin,
  ): Promise<AgentExecution> {
    const data = childOf(parent, reserved);
    return this.making.run(data.tenant, () => this.spawn(data, origin));
  }

  /** Gives the child what its parent has set aside; does nothing when it has that. */
  takeExtension(
    childId: AgentId,
    { id, ...data }: AgentCommandOf<'TakeExtension'>['data'] & { readonly id: string },
    origin: Origin,
  ): Promise<AgentExecution> {
    return this.execute(childId, { id: extensionIdOf(id), type: 'TakeExtension', data }, origin);
  }

  /** The agent's stream was deleted. */
  forget(agentId: AgentId): void {
    this.handler.forget(agentId);
  }

  /** Keeps known states near the log. */
  observe(commit: ReadCommit<CausedEvent>): void {
    this.handler.observe(commit);
  }
}

/** The command that the child gets, of that which its parent got. */
export function extensionIdOf(commandId: string): string {
  return `${commandId}:taken`;
}

/** The command that ends a child for its parent's end. */
export function closingIdOf(childId: AgentId): string {
  return `${childId}:closed`;
}

/** How the child's stream begins. */
export function childOf(
  parent: SpawnedAgent,
  { childId, depth, spec, limits }: ReservedChild,
): AgentCommandOf<'SpawnAgent'>['data'] {
  const { agentId: parentId, rootId, tenant, principal, context } = parent.spawned;
  const place = { agentId: childId, rootId, tenant, principal, parentId, depth };
  return { ...place, spec, limits, ...(context && { context }) };
}

/** An agent acts on behalf of whoever spawned its tree. */
export function originOf(state: AgentState): Origin {
  if (!isSpawned(state)) throw new Error('an agent that was not spawned acts for nobody');
  const { tenant, principal } = state.spawned;
  return { tenant, principal };
}
