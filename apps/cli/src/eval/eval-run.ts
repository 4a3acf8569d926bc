import { Refused, type AgentResult } from '@skynet/client';
import type { SpawnArguments, StatusShape } from '@skynet/contracts';
import { spawnOf, type EvalCase, type EvalFile, type Variant } from './eval-file.js';
import { Purse, type Share } from './purse.js';
import { someAtATime } from './some-at-a-time.js';
import { judgementSchema, judgeTask, misfit, misjudged } from './verdict.js';

/** One agent for one case of one variant, or a recorded case. */
export interface EvalRun {
  readonly variant: string;
  readonly case: string;
  /** From 1. */
  readonly repeat: number;
  /** `left out`: nothing of the budget was left for it. */
  readonly verdict: 'passed' | 'failed' | 'left out';
  /** Why it did not pass. */
  readonly reason?: string;
  readonly agentId?: string;
  readonly tokens: number;
  readonly costMicroUsd: number;
  readonly seconds: number;
}

export interface EvalMeans {
  /** Spawns an agent and waits for its end. */
  readonly ask: (spawn: SpawnArguments) => Promise<AgentResult>;
  readonly monotonicMs: () => number;
  readonly onRun: (run: EvalRun) => void;
  readonly signal: AbortSignal;
}

const NOTHING = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };

type Place = Pick<EvalRun, 'variant' | 'case' | 'repeat'>;

/** Runs each case of each variant as often as the file says, some at a time, all within its budget; in the order of the file. */
export async function runEval(file: EvalFile, means: EvalMeans): Promise<EvalRun[]> {
  const plan = plannedRuns(file);
  const judged = plan.filter(({ of }) => of.expect.judge !== undefined).length;
  const purse = new Purse(file.budget, plan.length + judged);
  const { parallel } = file;
  const runs = await someAtATime(plan, { parallel, signal: means.signal }, async (planned) => {
    const run = await new CaseRun(planned, file, purse, means).run();
    means.onRun(run);
    return run;
  });
  return runs.filter((run) => run !== undefined);
}

interface PlannedRun {
  readonly variant: Variant;
  readonly of: EvalCase;
  readonly repeat: number;
}

/** Cases in turn, so that variants are compared at the same time. */
function plannedRuns({ variants, cases, repeat }: EvalFile): PlannedRun[] {
  return Array.from({ length: repeat }, (_, index) =>
    cases.flatMap((of) => variants.map((variant) => ({ variant, of, repeat: index + 1 }))),
  ).flat();
}

class CaseRun {
  private tokens = 0;
  private costMicroUsd = 0;

  constructor(
    private readonly planned: PlannedRun,
    private readonly file: EvalFile,
    private readonly purse: Purse,
    private readonly means: EvalMeans,
  ) {}

  async run(): Promise<EvalRun> {
    const { variant, of, repeat } = this.planned;
    const place: Place = { variant: variant.name, case: of.name, repeat };
    const startedMs = this.means.monotonicMs();
    try {
      return await this.tried(place, startedMs);
    } catch (error) {
      if (this.means.signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      return { ...place, ...this.spent(startedMs), verdict: 'failed', reason };
    }
  }

  private async tried(place: Place, startedMs: number): Promise<EvalRun> {
    const { variant, of } = this.planned;
    const result = await this.ask(spawnOf(of, variant));
    if (result === undefined) {
      return {
        ...place,
        ...this.spent(startedMs),
        verdict: 'left out',
        reason: 'the budget is used up',
      };
    }
    // What a judge costs and takes is no merit or fault of the agent.
    const spent = this.spent(startedMs);
    const reason = misfit(result, of.expect) ?? (await this.judged(result, of));
    const { agentId } = result;
    return reason === undefined
      ? { ...place, ...spent, agentId, verdict: 'passed' }
      : { ...place, ...spent, agentId, verdict: 'failed', reason };
  }

  private async judged(result: AgentResult, of: EvalCase): Promise<string | undefined> {
    const { judge: criteria } = of.expect;
    if (criteria === undefined) return undefined;
    const { model } = this.file.judge;
    const judgement = await this.ask({
      task: judgeTask(of.agent.task.description, criteria, result.output),
      outputSchema: judgementSchema,
      tools: [],
      ...(model !== undefined && { model: { id: model } }),
    });
    return judgement === undefined ? 'not judged: the budget is used up' : misjudged(judgement);
  }

  /** Undefined when nothing is left for it. */
  private async ask(spawn: SpawnArguments): Promise<AgentResult | undefined> {
    const share = this.purse.take(wishOf(spawn));
    if (share === undefined) return undefined;
    const limits = { ...spawn.limits, ...share };
    try {
      const result = await this.means.ask({ ...spawn, limits });
      this.purse.settle(share, result.usage);
      this.count(result.usage);
      return result;
    } catch (error) {
      // Of what was refused nothing was spent; of anything else nobody knows.
      if (error instanceof Refused) this.purse.settle(share, NOTHING);
      throw error;
    }
  }

  private count({ inputTokens, outputTokens, costMicroUsd }: StatusShape['spent']): void {
    this.tokens += inputTokens + outputTokens;
    this.costMicroUsd += costMicroUsd;
  }

  private spent(startedMs: number): Pick<EvalRun, 'tokens' | 'costMicroUsd' | 'seconds'> {
    const { tokens, costMicroUsd } = this;
    const seconds = Math.round((this.means.monotonicMs() - startedMs) / 100) / 10;
    return { tokens, costMicroUsd, seconds };
  }
}

function wishOf({ limits }: SpawnArguments): Share {
  const { tokens, costMicroUsd } = limits ?? {};
  return {
    ...(tokens !== undefined && { tokens }),
    ...(costMicroUsd !== undefined && { costMicroUsd }),
  };
}
