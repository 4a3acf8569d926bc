import { DEFAULT_WORKER_CLASS, subjects, type AgentId, type RunItem } from '@skynet/contracts';
import type { Dispatch, Schedule } from '@skynet/domain-scheduling';
import type { Clock, Logger, MessageBus } from '@skynet/platform';
import type { QueueTraces } from './queue-traces.js';

/** An admitted agent that nobody started in this time is dispatched again; a worker drops what it has had. */
const LOST_AFTER_MS = 10_000;

/** Puts admitted agents on the workers' queue. A dispatch that arrives twice starts one run. */
export class Dispatcher {
  private readonly sentAtMs = new Map<AgentId, number>();

  constructor(
    private readonly schedule: Schedule,
    private readonly tools: {
      readonly bus: Pick<MessageBus, 'publish'>;
      readonly clock: Clock;
      readonly log: Logger;
      readonly queueTraces: QueueTraces;
    },
  ) {}

  dispatch({ agentId, dispatchId }: Pick<Dispatch, 'agentId' | 'dispatchId'>): void {
    const { bus, clock, log, queueTraces } = this.tools;
    const nowMs = clock.nowMs();
    this.sentAtMs.set(agentId, nowMs);
    const traceparent = queueTraces.dispatched(agentId, dispatchId);
    const item: RunItem = { agentId, dispatchId, traceparent };
    const turn = Math.floor(nowMs / LOST_AFTER_MS);
    bus
      .publish(subjects.run(DEFAULT_WORKER_CLASS, agentId), item, {
        id: `${agentId}:${dispatchId}:${turn}`,
      })
      .catch((error: unknown) => {
        this.sentAtMs.delete(agentId);
        log.warn('dispatch not sent', { agentId, error });
      });
  }

  /** Everything that was admitted and not started, as seen by a new leader or after a loss. */
  dispatchUnstarted(): void {
    const lostBeforeMs = this.tools.clock.nowMs() - LOST_AFTER_MS;
    const sentBefore = new Map(this.sentAtMs);
    this.sentAtMs.clear();
    for (const dispatch of this.schedule.unstarted()) {
      const sentAtMs = sentBefore.get(dispatch.agentId);
      if (sentAtMs === undefined || sentAtMs < lostBeforeMs) this.dispatch(dispatch);
      else this.sentAtMs.set(dispatch.agentId, sentAtMs);
    }
  }
}
