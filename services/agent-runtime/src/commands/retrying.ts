import {
  rejection,
  type AgentCommandData,
  type AgentId,
  type CommandEnvelope,
  type Limits,
  type RequestedLimits,
} from '@skynet/contracts';
import { childEndOf, isSpawned, type SpawnedAgent } from '@skynet/domain-agents';
import { isRefused, type Refused } from '@skynet/kernel';
import { storeText, type Clock, type PayloadStore } from '@skynet/platform';
import { whyNotFork, type Forking } from '../forking/forking.js';
import { retrySource, tooLittle, type RetrySource } from '../forking/retry-source.js';
import type { AgentExecution, Agents } from '../owner/agents.js';
import { originOf } from '../owner/envelope-origin.js';
import type { LogSource } from '../past/agent-log.js';
import { readTreeLog } from '../past/tree-log.js';
import type { NewTrees } from './new-trees.js';

type Retried = AgentExecution | Refused;
type Wishes = AgentCommandData<'RetryAgent'>;

/** What the new agent begins with, and what it may use. */
interface Beginning extends RetrySource {
  readonly limits: Limits;
}

export interface RetryingContext {
  readonly agents: Pick<Agents, 'load' | 'execute'>;
  readonly forking: Pick<Forking, 'limitsOf' | 'makeRetried' | 'makeRoot' | 'specOf'>;
  readonly newTrees: Pick<NewTrees, 'make'>;
  readonly store: LogSource;
  readonly payloads: PayloadStore;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Lets new agents take the place of those that have ended and not completed. */
export class Retrying {
  constructor(private readonly context: RetryingContext) {}

  /** Another tenant's agent is not found, like one that never was. Safe to retry with the same id. */
  async retry(envelope: CommandEnvelope, wishes: Wishes): Promise<Retried> {
    const { tenant } = envelope;
    const { agentId, retryOf, limits: asked } = wishes;
    const source = await this.context.agents.load(retryOf);
    const parentId = isSpawned(source) ? source.spawned.parentId : undefined;
    if (parentId !== undefined) return this.retryChild(envelope, wishes, parentId);
    const make = () => this.retryRoot(envelope, wishes);
    return this.context.newTrees.make(tenant, agentId, make, asked);
  }

  private async retryRoot(envelope: CommandEnvelope, wishes: Wishes): Promise<Retried> {
    const found = await this.beginningOf(envelope.tenant, wishes);
    if (isRefused(found)) return found;
    const { source, limits } = found;
    const { retryOf } = wishes;
    return this.context.forking.makeRoot(envelope, wishes, { source, limits, retryOf });
  }

  /** The parent's stream first: what it sets aside there is the child's limit. */
  private async retryChild(
    envelope: CommandEnvelope,
    wishes: Wishes,
    parentId: AgentId,
  ): Promise<Retried> {
    const { agents, forking } = this.context;
    const origin = originOf(envelope);
    const { agentId: childId } = wishes;
    const found = await this.beginningOf(envelope.tenant, wishes);
    if (isRefused(found)) return found;
    const resolved = await forking.specOf(found.source, wishes);
    if (isRefused(resolved)) return resolved;
    const refused = whyNotFork(found.source, wishes, found.limits);
    if (refused !== undefined) return { refused };
    await this.tellEnd(parentId, found, envelope);
    const spec = { ...resolved, limits: this.askedOf(found, wishes.limits) };
    const data = { spec, ...(await this.retriedOf(envelope, wishes, found)) };
    const request = { id: `${childId}:${envelope.id}`, type: 'RetryChild', data } as const;
    const reservation = await agents.execute(parentId, request, origin);
    const parent = reservation.state;
    if (isRefused(reservation) || !isSpawned(parent)) return reservation;
    const limits = reservedIn(parent, childId);
    const child = { childId, depth: parent.spawned.depth + 1, spec, limits };
    const made = await forking.makeRetried(parent, child, { retried: data.retried, origin });
    // Whoever reserved made the child, though the reactor may have been quicker with its stream.
    return isRefused(made) ? made : { ...made, position: reservation.position };
  }

  /** What it has, before the parent says what it can set aside. */
  private async beginningOf(
    tenant: string,
    { retryOf, model, limits: asked = {} }: Wishes,
  ): Promise<Beginning | Refused> {
    const { clock, forking, store } = this.context;
    const tree = await readTreeLog(store, tenant, retryOf);
    if (tree === undefined) {
      return { refused: rejection('AGENT_NOT_FOUND', `There is no agent ${retryOf}.`) };
    }
    const found = await retrySource(tree);
    if (isRefused(found)) return found;
    const limits = forking.limitsOf(found.end, asked);
    const given = { wished: Object.keys(asked), isOtherModel: model !== undefined };
    const refused = tooLittle(found, { limits, nowMs: clock.nowMs(), ...given });
    return refused === undefined ? { ...found, limits } : { refused };
  }

  /** The parent has back what the ended child had left, before it sets that aside anew. */
  private async tellEnd(
    parentId: AgentId,
    { end }: Beginning,
    envelope: CommandEnvelope,
  ): Promise<void> {
    const data = childEndOf(end.state, end.end ?? {});
    const request = { id: `${end.agentId}:ended`, type: 'RecordChildEnded', data } as const;
    await this.context.agents.execute(parentId, request, originOf(envelope));
  }

  private askedOf({ limits }: Beginning, { seconds }: RequestedLimits = {}): RequestedLimits {
    const { deadlineMs, ...amounts } = limits;
    const leftMs = deadlineMs - this.context.clock.nowMs();
    return { ...amounts, seconds: seconds ?? Math.ceil(leftMs / 1_000) };
  }

  private async retriedOf(
    { id: messageId, tenant, principal }: CommandEnvelope,
    { agentId: childId, message: text }: Wishes,
    { source, end }: Beginning,
  ) {
    const { payloads } = this.context;
    const { agentId } = source;
    const why = end.end?.failure?.reason ?? end.state.phase;
    const said =
      `Your child ${agentId}, which is ${end.state.phase} (${why}), was started again as ${childId} by ${principal}. ` +
      'await_agents collects its result.';
    const message = text === undefined ? undefined : await storeText(payloads, tenant, text);
    return {
      retried: {
        childId,
        from: { agentId, revision: source.at },
        ...(message !== undefined && { message }),
      },
      told: {
        messageId,
        from: { kind: 'client', principal } as const,
        text: await storeText(payloads, tenant, said),
      },
    };
  }
}

function reservedIn({ children, spawned }: SpawnedAgent, childId: AgentId): Limits {
  const child = children.get(childId);
  if (child === undefined) throw new Error(`${spawned.agentId} has no reservation for ${childId}`);
  return child.limits;
}
