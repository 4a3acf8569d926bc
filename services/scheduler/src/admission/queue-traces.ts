import { endsAgent, type AgentEventType, type AgentId } from '@skynet/contracts';
import {
  attributeNames as names,
  SECONDS_BOUNDS,
  type Histogram,
  type Metrics,
  type StoredEvent,
  type Tracing,
} from '@skynet/platform';

/** A turn as plain data. */
export interface SavedTurn {
  /** Where the agent stands in its trace; absent when it is not traced. */
  readonly traceparent?: string;
  readonly queuedAtMs: number;
}

const QUEUES: ReadonlySet<string> = new Set<AgentEventType>([
  'AgentSpawned',
  'AgentWoken',
  'AgentResumed',
  'RunYielded',
]);

/** How long live agents wait for their turns: the distribution of waits, and one span for each dispatch where those of messages are wanted. */
export class QueueTraces {
  private readonly turns = new Map<AgentId, SavedTurn>();
  private readonly waits: Histogram;

  constructor(
    private readonly tracing: Tracing,
    metrics: Metrics,
  ) {
    this.waits = metrics.histogram('skynet_queue_wait_seconds', {
      description: 'Time from an agent being queued until it is admitted',
      bounds: SECONDS_BOUNDS,
    });
  }

  turnOf(agentId: AgentId): SavedTurn | undefined {
    return this.turns.get(agentId);
  }

  restore(agentId: AgentId, turn: SavedTurn): void {
    this.turns.set(agentId, turn);
  }

  /** Every replica follows; only the one that leads counts. */
  observe(agentId: AgentId, event: StoredEvent, isLeading: boolean): void {
    const { type, timeMs, metadata } = event;
    if (endsAgent(event) || type === 'AgentRefused') {
      this.turns.delete(agentId);
      return;
    }
    const turn = this.turns.get(agentId);
    if (QUEUES.has(type)) {
      // What comes behind the end of an agent queues nobody.
      const { traceparent } = turn ?? metadata;
      this.turns.set(agentId, { traceparent, queuedAtMs: timeMs });
    } else if (turn !== undefined && type === 'AgentAdmitted' && isLeading) {
      this.waits.record((timeMs - turn.queuedAtMs) / 1_000, {}, turn.traceparent);
    }
  }

  /** Its stream is not read on. */
  forget(agentId: AgentId): void {
    this.turns.delete(agentId);
  }

  /** What the run goes on from; the span of the dispatch is from queued until sent. */
  dispatched(agentId: AgentId, dispatchId: number): string | undefined {
    const turn = this.turns.get(agentId);
    if (turn?.traceparent === undefined) return undefined;
    const span = this.tracing.start('dispatch', {
      parent: turn.traceparent,
      kind: 'producer',
      detail: 'messaging',
      startMs: turn.queuedAtMs,
      attributes: { [names.agentId]: agentId, [names.revision]: dispatchId },
    });
    span.end();
    return span.traceparent;
  }
}
