import {
  runItemSchema,
  subjects,
  type AgentId,
  type RunItem,
  type WorkerHeartbeat,
} from '@skynet/contracts';
import { faultOf, sleep, type MessageBus, type WorkItem, type WorkQueue } from '@skynet/platform';
import { AgentRun, type RunnerTools } from './agent.runner.js';
import type { RunEnd } from './dispatch/dispatch-claim.js';
import { HeldItem } from './dispatch/held-item.js';

const HEARTBEAT_MS = 1_000;
/** Wait before a run that broke off is tried again. */
const BROKEN_RUN_DELAY_MS = 1_000;
/** Longest a shutdown waits for step boundaries before it cuts effects off. */
const HANDOVER_GRACE_MS = 5_000;

export interface WorkerOptions {
  readonly queue: WorkQueue;
  readonly bus: Pick<MessageBus, 'hint'>;
  /** Agents that run here at the same time. */
  readonly slots: number;
}

/** Takes admitted agents off the queue and runs them, as many at a time as it has slots. */
export class Worker {
  private readonly runs = new Map<
    AgentId,
    { readonly run: AgentRun; readonly over: Promise<void> }
  >();
  private readonly finished = new Set<Promise<void>>();
  private cancelHeartbeat: (() => void) | undefined;
  private isStopping = false;

  constructor(
    private readonly options: WorkerOptions,
    private readonly tools: RunnerTools,
  ) {}

  /** Slots that are taken, and all. */
  get slots(): { readonly busy: number; readonly all: number } {
    return { busy: this.runs.size, all: this.options.slots };
  }

  start(): void {
    this.options.queue.start(this.options.slots, (item) => this.take(item));
    this.beat();
  }

  /** The run of this agent here, if there is one. */
  runOf(agentId: AgentId): AgentRun | undefined {
    return this.runs.get(agentId)?.run;
  }

  /** Hands every agent over at its next step boundary. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.cancelHeartbeat?.();
    this.announce(0);
    await this.options.queue.stop();
    for (const { run } of this.runs.values()) run.handOver();
    const cancelGrace = this.tools.clock.timer(HANDOVER_GRACE_MS, () => {
      for (const { run } of this.runs.values()) run.cutOff();
    });
    await Promise.all(this.finished);
    cancelGrace();
  }

  private take(item: WorkItem): void {
    const finished = this.process(item).finally(() => {
      this.finished.delete(finished);
      this.options.queue.release();
    });
    this.finished.add(finished);
  }

  private async process(item: WorkItem): Promise<void> {
    const { log } = this.tools;
    const parsed = runItemSchema.safeParse(item.data);
    if (!parsed.success) {
      log.error('not a run item, dropped', { subject: item.subject, error: parsed.error });
      item.ack();
      return;
    }
    const held = new HeldItem(item, this.tools.clock);
    // Who may count as gone begins nothing: it could be taken over at once.
    if (!this.tools.leases.isFresh()) return held.putBack();
    const end = await this.runUntilEnd(parsed.data, held);
    if (end === 'done') held.ack();
    else if (end === 'broken') held.putBack(BROKEN_RUN_DELAY_MS);
    else held.putBack(this.isStopping ? 0 : undefined);
  }

  private async runUntilEnd(item: RunItem, held: HeldItem): Promise<RunEnd | 'broken'> {
    const { agentId, dispatchId } = item;
    // An agent can be woken and dispatched again before the run that parked it has returned.
    for (let run = this.runs.get(agentId); run !== undefined; run = this.runs.get(agentId)) {
      if (run.run.dispatchId === dispatchId) return 'elsewhere';
      await run.over;
    }
    const over = Promise.withResolvers<void>();
    try {
      for (;;) {
        if (this.isStopping) return 'left';
        const run = new AgentRun(item, held, this.tools);
        this.runs.set(agentId, { run, over: over.promise });
        const end = await this.endOf(run);
        if (end !== 'left') return end;
        if (!this.isStopping) await sleep(this.tools.clock, BROKEN_RUN_DELAY_MS);
      }
    } finally {
      this.runs.delete(agentId);
      over.resolve();
    }
  }

  private async endOf(run: AgentRun): Promise<RunEnd | 'broken'> {
    try {
      return await run.run();
    } catch (error) {
      // No later run reads more of it, and whoever reads the log sees to its end.
      if (faultOf(error) !== undefined) return 'done';
      this.tools.log.error('run failed', { agentId: run.agentId, error });
      return run.epoch > 0 ? 'left' : 'broken';
    }
  }

  private beat(): void {
    this.announce(this.options.slots);
    this.cancelHeartbeat = this.tools.clock.timer(HEARTBEAT_MS, () => this.beat());
  }

  private announce(slots: number): void {
    const { workerId } = this.tools;
    const heartbeat: WorkerHeartbeat = { workerId, slots, busy: this.runs.size };
    this.options.bus.hint(subjects.workerHeartbeat, heartbeat);
  }
}
