import {
  agentIdOfStream,
  dataOfAgentEvent,
  streamNames,
  type AgentEventData,
  type AgentId,
} from '@skynet/contracts';
import { allOf, isLive, isSpawned } from '@skynet/domain-agents';
import { faultOf, messageOfFault, type Clock } from '@skynet/platform';
import { originOf, type Agents } from '../owner/agents.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import type { Forking } from '../forking/forking.js';
import { Grace } from './grace.js';
import type { ReactedCommit, Reactor } from './reactions.js';

type Reservation = AgentEventData<'ChildReserved'>;
type Seen = Reservation & {
  readonly traceparent?: string;
  /** Set by a fork: the child is one as well. */
  readonly from?: AgentEventData<'AgentForked'>['from'];
  /** In whose place it is, if in any. */
  readonly retried?: AgentEventData<'ChildRetried'>;
};

/** Makes the stream of every reserved child that its parent's worker did not get to. */
export class ReservationsReactor implements Reactor {
  readonly name = 'reservations';
  private readonly grace: Grace;

  constructor(
    private readonly agents: Agents,
    private readonly index: AgentIndex,
    clock: Clock,
    private readonly forking: Pick<Forking, 'forkChildren' | 'makeRetried'>,
  ) {
    this.grace = new Grace(clock);
  }

  hurry(): void {
    this.grace.end();
  }

  react(commit: ReactedCommit): Promise<void> | undefined {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined) return undefined;
    if (commit.events[0]?.revision === 0) this.grace.see(agentId);
    const reserved = commit.events
      .flatMap((event) => {
        const data = dataOfAgentEvent(event, 'ChildReserved');
        return data === undefined ? [] : { ...data, traceparent: event.metadata.traceparent };
      })
      .filter(({ childId }) => this.index.get(childId) === undefined);
    if (reserved.length === 0) return undefined;
    const [from] = commit.events.flatMap(
      (event) => dataOfAgentEvent(event, 'AgentForked')?.from ?? [],
    );
    const retries = commit.events.flatMap((event) => dataOfAgentEvent(event, 'ChildRetried') ?? []);
    const seen = reserved.map((one) => {
      const retried = retries.find(({ childId }) => childId === one.childId);
      return this.seeOrEnd(agentId, { ...one, from, retried }, commit.revision);
    });
    return Promise.all(seen).then(() => undefined);
  }

  private async seeOrEnd(parentId: AgentId, seen: Seen, revision: number): Promise<void> {
    try {
      await this.see(parentId, seen, revision);
    } catch (error) {
      const fault = faultOf(error);
      const isOfChild = fault?.stream === streamNames.agent(seen.childId);
      if (!isOfChild || fault === undefined || fault.isNewer) throw error;
      await this.endUnborn(parentId, seen, messageOfFault(fault));
    }
  }

  /** The child's stream was damaged before it began: there is no agent that could tell its end. */
  private async endUnborn(
    parentId: AgentId,
    { childId, limits }: Seen,
    message: string,
  ): Promise<void> {
    const parent = await this.agents.load(parentId);
    if (!isSpawned(parent)) return;
    const failure = { reason: 'DAMAGED_LOG', message, retryable: false };
    const data = { childId, status: 'failed', spent: allOf(limits), failure } as const;
    const request = { id: `${childId}:ended`, type: 'RecordChildEnded', data } as const;
    await this.agents.execute(parentId, request, originOf(parent));
  }

  private async see(
    parentId: AgentId,
    { traceparent, from, retried, ...reservation }: Seen,
    revision: number,
  ): Promise<void> {
    const { childId } = reservation;
    const isThere = await this.grace.passes(childId);
    const parent = await this.agents.load(parentId, revision);
    if (!isSpawned(parent)) return;
    const origin = { ...originOf(parent), traceparent };
    if (!isThere && from !== undefined) await this.forking.forkChildren(parentId, from, origin);
    else if (!isThere && retried !== undefined)
      await this.forking.makeRetried(parent, reservation, { retried, origin });
    else if (!isThere) await this.agents.spawnReserved(parent, reservation, origin);
    if (!isLive(parent) || !parent.paused) return;
    const request = { id: `${childId}:born-paused`, type: 'PauseAgent', data: {} } as const;
    await this.agents.execute(childId, request, originOf(parent));
  }
}
