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
import type { ReactedCommit, Reactor } from './reactions.js';

/** Time that the parent's worker has to make the child's stream itself. */
const GRACE_MS = 1_000;

type Reservation = AgentEventData<'ChildReserved'>;
type Seen = Reservation & {
  readonly traceparent?: string;
  /** Set by a fork: the child is one as well. */
  readonly from?: AgentEventData<'AgentForked'>['from'];
};

/** Makes the stream of every reserved child that its parent's worker did not get to. */
export class ReservationsReactor implements Reactor {
  readonly name = 'reservations';
  private readonly waiting = new Map<AgentId, () => void>();

  constructor(
    private readonly agents: Agents,
    private readonly index: AgentIndex,
    private readonly clock: Clock,
    private readonly forking: Pick<Forking, 'forkChildren'>,
  ) {}

  react(commit: ReactedCommit): Promise<void> | undefined {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined) return undefined;
    if (commit.events[0]?.revision === 0) this.waiting.get(agentId)?.();
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
    const seen = reserved.map((one) => this.seeOrEnd(agentId, { ...one, from }, commit.revision));
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
    { traceparent, from, ...reservation }: Seen,
    revision: number,
  ): Promise<void> {
    const { childId } = reservation;
    const isThere = await this.appears(childId);
    const parent = await this.agents.load(parentId, revision);
    if (!isSpawned(parent)) return;
    const origin = { ...originOf(parent), traceparent };
    if (!isThere && from !== undefined) await this.forking.forkChildren(parentId, from, origin);
    else if (!isThere) await this.agents.spawnReserved(parent, reservation, origin);
    if (!isLive(parent) || !parent.paused) return;
    const request = { id: `${childId}:born-paused`, type: 'PauseAgent', data: {} } as const;
    await this.agents.execute(childId, request, originOf(parent));
  }

  /** Whether the child's stream begins within the grace time. */
  private appears(childId: AgentId): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.clock.timer(GRACE_MS, () => this.finish(childId, () => resolve(false)));
      this.waiting.set(childId, () => {
        cancel();
        this.finish(childId, () => resolve(true));
      });
    });
  }

  private finish(childId: AgentId, resolve: () => void): void {
    this.waiting.delete(childId);
    resolve();
  }
}
