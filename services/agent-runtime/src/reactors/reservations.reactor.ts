import { agentIdOfStream, type AgentEventData, type AgentId } from '@skynet/contracts';
import { isLive, isSpawned } from '@skynet/domain-agents';
import type { Clock, Commit } from '@skynet/platform';
import { originOf, type Agents } from '../agents/agents.js';
import type { AgentIndex } from '../projections/agent-index.js';
import type { Reactor } from './reactions.js';

/** Time that the parent's worker has to make the child's stream itself. */
const GRACE_MS = 1_000;

type Reservation = AgentEventData<'ChildReserved'>;

/** Makes the stream of every reserved child that its parent's worker did not get to. */
export class ReservationsReactor implements Reactor {
  readonly name = 'reservations';
  private readonly waiting = new Map<AgentId, () => void>();

  constructor(
    private readonly agents: Agents,
    private readonly index: AgentIndex,
    private readonly clock: Clock,
  ) {}

  react(commit: Commit): Promise<void> | undefined {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined) return undefined;
    if (commit.events[0]?.revision === 0) this.waiting.get(agentId)?.();
    const reserved = commit.events
      .filter(({ type }) => type === 'ChildReserved')
      .map(({ data, metadata }) => ({
        ...(data as Reservation),
        traceparent: metadata.traceparent,
      }))
      .filter(({ childId }) => this.index.get(childId) === undefined);
    if (reserved.length === 0) return undefined;
    return Promise.all(reserved.map((one) => this.see(agentId, one, commit.revision))).then(
      () => undefined,
    );
  }

  private async see(
    parentId: AgentId,
    { traceparent, ...reservation }: Reservation & { readonly traceparent?: string },
    revision: number,
  ): Promise<void> {
    const { childId } = reservation;
    const isThere = await this.appears(childId);
    const parent = await this.agents.load(parentId, revision);
    if (!isSpawned(parent)) return;
    if (!isThere) {
      await this.agents.spawnReserved(parent, reservation, { ...originOf(parent), traceparent });
    }
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
