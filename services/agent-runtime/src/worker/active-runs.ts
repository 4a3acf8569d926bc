import type { AgentId } from '@skynet/contracts';
import { faultOf } from '@skynet/platform';
import type { AgentExecution } from '../owner/agents.js';
import type { RunEnd } from './dispatch/dispatch-claim.js';
import { AgentRun, type RunnerDependencies, type StartedRun } from './run/agent.runner.js';
import type { FreedSlot } from './run/freed-slot.js';
import type { PreparedRun } from './run/prepared-run.js';

/** An agent that has a run here, or is about to. */
export interface Running {
  /** Of the run or the item; undefined until a start from the tree has come about. */
  dispatchId?: number;
  run?: AgentRun;
  readonly over: Promise<void>;
}

/** How a run has ended. */
export interface Ended {
  readonly end: RunEnd | 'broken';
  readonly freed?: FreedSlot;
}

/** The runs of this process, each agent once. */
export class ActiveRuns {
  private readonly runs = new Map<AgentId, Running>();
  private isHandingOver = false;

  constructor(
    private readonly deps: RunnerDependencies,
    private readonly listener: {
      readonly onDecided: (run: PreparedRun, execution: AgentExecution) => void;
      readonly onOver: (run: PreparedRun, last: AgentExecution, freed?: FreedSlot) => void;
    },
  ) {}

  get size(): number {
    return this.runs.size;
  }

  has(agentId: AgentId): boolean {
    return this.runs.has(agentId);
  }

  get(agentId: AgentId): Running | undefined {
    return this.runs.get(agentId);
  }

  /** From now on every run ends at its next step boundary. */
  handOver(): void {
    this.isHandingOver = true;
    for (const { run } of this.runs.values()) run?.handOver();
  }

  /** Breaks off what is under way. */
  cutOff(): void {
    for (const { run } of this.runs.values()) run?.cutOff();
  }

  /** The agent counts as running here while the work lasts. */
  async asRunning<Result>(
    agentId: AgentId,
    dispatchId: number | undefined,
    work: (running: Running) => Promise<Result>,
  ): Promise<Result> {
    const over = Promise.withResolvers<void>();
    const running: Running = { dispatchId, over: over.promise };
    this.runs.set(agentId, running);
    try {
      return await work(running);
    } finally {
      this.runs.delete(agentId);
      over.resolve();
    }
  }

  async runToEnd(prepared: PreparedRun, started: StartedRun, running: Running): Promise<Ended> {
    const { onDecided, onOver } = this.listener;
    const run = new AgentRun(prepared, started, { ...this.deps, onDecided });
    running.run = run;
    if (this.isHandingOver) run.handOver();
    const end = await run.run();
    onOver(prepared, run.lastExecution, run.freedSlot);
    return { end, freed: run.freedSlot };
  }

  brokenBy(error: unknown, agentId: AgentId, { run }: Running): Ended {
    // No later run reads more of it, and whoever reads the log sees to its end.
    if (faultOf(error) !== undefined) return { end: 'done' };
    this.deps.log.error('run failed', { agentId, error });
    return { end: run === undefined ? 'broken' : 'left' };
  }
}
