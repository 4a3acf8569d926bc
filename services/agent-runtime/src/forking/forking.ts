import {
  rejection,
  type AgentCommandData,
  type AgentEventData,
  type AgentId,
  type AgentSpec,
  type CommandEnvelope,
  type Limits,
  type RequestedLimits,
  type Text,
} from '@skynet/contracts';
import {
  childEndOf,
  isSpawned,
  modelOf,
  NOTHING_SPENT,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { isRefused, type Refused, type Rejection } from '@skynet/kernel';
import {
  hashOf,
  readText,
  storeText,
  type Clock,
  type Origin,
  type PayloadStore,
} from '@skynet/platform';
import { childOf, type AgentExecution, type Agents, type ReservedChild } from '../owner/agents.js';
import { originOf } from '../owner/envelope-origin.js';
import type { SpecResolver } from '../spec/spec-resolver.js';
import { readAgentLog, type LogSource } from '../past/agent-log.js';
import { readTreeLog } from '../past/tree-log.js';
import { forkData, forkedChildId, leftOf, type ForkOrder } from './fork-data.js';
import { forkSource, hasSaidAll, reservationsIn, type ForkSource } from './fork-source.js';

type Forked = AgentExecution | Refused;
type From = AgentCommandData<'ForkAgent'>['from'];
type Wishes = Pick<AgentCommandData<'ForkAgent'>, 'agentId' | 'model' | 'message' | 'limits'>;

/** What a new root begins with. */
export interface RootSource {
  readonly source: ForkSource;
  readonly limits: Limits;
  /** In whose place it is. Default: in none. */
  readonly retryOf?: AgentId;
}

export interface RetriedChild {
  readonly retried: AgentEventData<'ChildRetried'>;
  readonly origin: Origin;
}

export interface ForkingDependencies {
  readonly agents: Agents;
  readonly specs: Pick<SpecResolver, 'modelOf'>;
  readonly store: LogSource;
  readonly payloads: PayloadStore;
  readonly clock: Clock;
}

/** Makes agents that begin with what others had done. */
export class Forking {
  constructor(private readonly deps: ForkingDependencies) {}

  /** Makes the fork and those of the children that had not ended. Safe to retry with the same id. */
  async fork(envelope: CommandEnvelope, wishes: AgentCommandData<'ForkAgent'>): Promise<Forked> {
    const source = await this.sourceOf(envelope.tenant, wishes.from);
    if (isRefused(source)) return source;
    const limits = this.limitsOf(source, wishes.limits);
    return this.makeRoot(envelope, wishes, { source, limits });
  }

  /** The same from what was read before. Safe to retry with the same id. */
  async makeRoot(envelope: CommandEnvelope, wishes: Wishes, root: RootSource): Promise<Forked> {
    const origin = originOf(envelope);
    const { context } = envelope;
    const { tenant, principal } = origin;
    const { agentId } = wishes;
    const { source, limits, retryOf } = root;
    const spec = await this.specOf(source, wishes);
    if (isRefused(spec)) return spec;
    const refused = whyNotFork(source, wishes, limits);
    if (refused !== undefined) return { refused };
    const { message: text } = wishes;
    const message =
      text === undefined ? undefined : await storeText(this.deps.payloads, tenant, text);
    const place = { agentId, rootId: agentId, tenant, principal, depth: 0 };
    const order = { ...place, spec, limits, message, retryOf, ...(context && { context }) };
    const id = `${agentId}:${envelope.id}`;
    const forked = await this.make(source, order, origin, id);
    const from = { agentId: source.agentId, revision: source.at };
    if (!isRefused(forked)) await this.forkChildren(agentId, from, origin);
    return forked;
  }

  /** Makes the forks of children that a fork has reserved; does nothing for those that are there. Safe to retry. */
  async forkChildren(parentId: AgentId, from: From, origin: Origin): Promise<void> {
    const parent = await readAgentLog(this.deps.store, origin.tenant, parentId);
    const source = await this.sourceOf(origin.tenant, from);
    const state = parent && (await this.deps.agents.load(parentId));
    if (parent === undefined || isRefused(source) || !state || !isSpawned(state)) return;
    const reservations = new Map(reservationsIn(parent).map((one) => [one.childId, one]));
    await Promise.all(
      source.children.map(async ({ childId, source: child }) => {
        const reserved = reservations.get(forkedChildId(parentId, childId));
        if (reserved === undefined) return;
        if (child === undefined) {
          await this.deps.agents.spawnReserved(state, reserved, origin);
          return;
        }
        if (child.end !== undefined) {
          await this.recordEnd(parentId, reserved.childId, child, origin);
          return;
        }
        const order = childOf(state, reserved);
        await this.make(child, order, origin);
        const childFrom = { agentId: child.agentId, revision: child.at };
        await this.forkChildren(order.agentId, childFrom, origin);
      }),
    );
  }

  /** Makes the child that is reserved in the place of one that has ended; does nothing when it is there. Safe to retry. */
  async makeRetried(
    parent: SpawnedAgent,
    reserved: ReservedChild,
    { retried: { from, message }, origin }: RetriedChild,
  ): Promise<Forked> {
    const source = await this.sourceOf(origin.tenant, from);
    if (isRefused(source)) return source;
    const order = { ...childOf(parent, reserved), message, retryOf: from.agentId };
    const made = await this.make(source, order, origin);
    if (!isRefused(made)) await this.forkChildren(order.agentId, from, origin);
    return made;
  }

  /** A child that had ended, though its parent did not know yet, is a result: it needs no fork, and cost nothing here. */
  private async recordEnd(
    parentId: AgentId,
    childId: AgentId,
    child: ForkSource,
    origin: Origin,
  ): Promise<void> {
    const data = { ...childEndOf(child.state, child.end ?? {}), childId, spent: NOTHING_SPENT };
    const request = { id: `${childId}:ended`, type: 'RecordChildEnded', data } as const;
    await this.deps.agents.execute(parentId, request, origin);
  }

  private async sourceOf(
    tenant: string,
    { agentId, revision }: From,
  ): Promise<ForkSource | Refused> {
    const tree = await readTreeLog(this.deps.store, tenant, agentId);
    if (tree === undefined) {
      return { refused: rejection('AGENT_NOT_FOUND', `There is no agent ${agentId}.`) };
    }
    const source = await forkSource(tree, revision);
    if (!isRefused(source)) return source;
    return { refused: { ...source.refused, message: `at: ${source.refused.message}` } };
  }

  /** That of the source, with another model where one is asked for. */
  async specOf(
    { state }: ForkSource,
    { agentId: _, model: wished, ...wishes }: Wishes,
  ): Promise<AgentSpec | Refused> {
    const { spec } = state.spawned;
    const argsHash = hashOf({ ...wishes, model: wished });
    if (wished === undefined) return { ...spec, argsHash, model: modelOf(state) };
    const model = await this.deps.specs.modelOf(
      {
        modelId: wished.id ?? modelOf(state).id,
        maxTokens: wished.maxTokens,
        temperature: wished.temperature ?? spec.model.temperature,
      },
      state.spawned.tenant,
    );
    return isRefused(model) ? model : { ...spec, argsHash, model };
  }

  /** What was left then, unless the caller says otherwise. */
  limitsOf(source: ForkSource, asked: RequestedLimits = {}): Limits {
    const left = leftOf(source.state.spawned.limits, source);
    const nowMs = this.deps.clock.nowMs();
    const { seconds, ...amounts } = asked;
    const leftMs = Math.max(0, left.deadlineMs - source.timeMs);
    const deadlineMs = nowMs + (seconds === undefined ? leftMs : seconds * 1_000);
    const named = Object.entries(amounts).filter(([, amount]) => amount !== undefined);
    return { ...left, ...Object.fromEntries(named), deadlineMs };
  }

  /** A long history takes several commands. */
  private async make(
    source: ForkSource,
    order: ForkOrder,
    origin: Origin,
    id = order.agentId as string,
  ): Promise<AgentExecution> {
    const { agents, payloads } = this.deps;
    const { tenant } = origin;
    const data = await forkData(source, order, {
      read: (text: Text) => readText(payloads, tenant, text),
      store: (text) => storeText(payloads, tenant, text),
    });
    for (let step = 0; ; step += 1) {
      const request = { id: `${id}:fork:${step}`, type: 'ForkAgent', data } as const;
      const forked = await agents.execute(order.agentId, request, origin);
      const { state } = forked;
      const isDone = !isSpawned(state) || state.sharedParts === undefined;
      if (isRefused(forked) || isDone || forked.events.length === 0) return forked;
    }
  }
}

/** Why a fork with these wishes can not be made. */
export function whyNotFork(
  source: ForkSource,
  { message }: Wishes,
  limits: Limits,
): Rejection | undefined {
  const { state, at, children, agentId } = source;
  if (hasSaidAll(state) && message === undefined) {
    const text = `message: ${agentId} had given its answer before event ${at}; say what more it shall do, or name an earlier event`;
    return rejection('INVALID_ARGUMENTS', text);
  }
  const aside = { tokens: 0, costMicroUsd: 0, descendants: 0 };
  for (const { reserved, source: child } of children) {
    const left = child === undefined ? reserved.limits : leftOf(reserved.limits, child);
    aside.tokens += left.tokens;
    aside.costMicroUsd += left.costMicroUsd;
    aside.descendants += left.descendants + 1;
  }
  if (aside.tokens > limits.tokens) return tooSmall('LIMIT_TOKENS', aside.tokens);
  if (aside.costMicroUsd > limits.costMicroUsd) return tooSmall('LIMIT_COST', aside.costMicroUsd);
  const isTooMany = aside.descendants > limits.descendants;
  return isTooMany ? tooSmall('LIMIT_DESCENDANTS', aside.descendants) : undefined;
}

function tooSmall(code: 'LIMIT_TOKENS' | 'LIMIT_COST' | 'LIMIT_DESCENDANTS', needed: number) {
  return rejection(code, `the children that had not ended need ${needed} of it`);
}
