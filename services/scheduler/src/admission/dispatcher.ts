import { randomUUID } from 'node:crypto';
import { DEFAULT_WORKER_CLASS, subjects, type RunItem } from '@skynet/contracts';
import type { Dispatch, OpenRun, Schedule } from '@skynet/domain-scheduling';
import type { Clock, Logger, MessageBus, WorkerLeases } from '@skynet/platform';
import type { QueueTraces } from './queue-traces.js';

/** What was sent and had no effect in this time is sent again; a worker drops what it has had. */
const LOST_AFTER_MS = 10_000;

type Item = Pick<RunItem, 'agentId' | 'dispatchId'>;

/** Puts admitted agents on the workers' queue, and again those whose worker is gone. An item that arrives twice starts one run. */
export class Dispatcher {
  private sentAtMs = new Map<string, number>();
  /** Tells its items from those of others: the server keeps one of each id. */
  private readonly sender = randomUUID();

  constructor(
    private readonly schedule: Schedule,
    private readonly context: {
      readonly bus: Pick<MessageBus, 'publish'>;
      readonly clock: Clock;
      readonly log: Logger;
      readonly queueTraces: QueueTraces;
      readonly leases: Pick<WorkerLeases, 'isGone'>;
    },
  ) {}

  dispatch(dispatch: Pick<Dispatch, 'agentId' | 'dispatchId'>): void {
    this.send(keyOf(dispatch), dispatch);
  }

  /** Sends what the log shows as admitted and not started, or as running on a worker that is gone. */
  sweep(): void {
    const { leases, log } = this.context;
    const sentBefore = this.sentAtMs;
    this.sentAtMs = new Map();
    for (const dispatch of this.schedule.unstarted()) {
      this.sendUnlessSent(keyOf(dispatch), dispatch, sentBefore);
    }
    for (const run of this.schedule.openRuns()) {
      if (!leases.isGone(run.workerId)) continue;
      const isNews = this.sendUnlessSent(lostKeyOf(run), run, sentBefore);
      if (isNews) log.warn('the worker of a run is gone, another one takes over', { ...run });
    }
  }

  private sendUnlessSent(
    key: string,
    item: Item,
    sentBefore: ReadonlyMap<string, number>,
  ): boolean {
    const sentAtMs = sentBefore.get(key);
    const isUnderWay =
      sentAtMs !== undefined && sentAtMs >= this.context.clock.monotonicMs() - LOST_AFTER_MS;
    if (isUnderWay) this.sentAtMs.set(key, sentAtMs);
    else this.send(key, item);
    return !isUnderWay;
  }

  private send(key: string, { agentId, dispatchId }: Item): void {
    const { bus, clock, log, queueTraces } = this.context;
    const nowMs = clock.monotonicMs();
    this.sentAtMs.set(key, nowMs);
    const traceparent = queueTraces.dispatched(agentId, dispatchId);
    const item: RunItem = { agentId, dispatchId, traceparent };
    const id = `${key}:${this.sender}:${Math.floor(nowMs / LOST_AFTER_MS)}`;
    bus
      .publish(subjects.run(DEFAULT_WORKER_CLASS, agentId), item, { id })
      .catch((error: unknown) => {
        this.sentAtMs.delete(key);
        log.warn('dispatch not sent', { agentId, error });
      });
  }
}

function keyOf({ agentId, dispatchId }: Item): string {
  return `${agentId}:${dispatchId}`;
}

function lostKeyOf(run: OpenRun): string {
  return `${keyOf(run)}:${run.workerId}:lost`;
}
