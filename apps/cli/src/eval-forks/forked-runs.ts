import { Refused, type AgentResult } from '@skynet/client';
import { isEnd, type RequestedLimits } from '@skynet/contracts';
import { Purse, type Share } from '../eval/purse.js';
import { someAtATime } from '../eval/some-at-a-time.js';
import { sameResult, told } from '../eval/verdict.js';

/** What a tree used from some moment on. */
export interface Used {
  readonly tokens: number;
  readonly costMicroUsd: number;
  readonly seconds: number;
}

/** One recorded tree beside its fork. */
export interface ForkedRun {
  /** The tree that was forked. */
  readonly source: string;
  /** `unfinished`: the command was interrupted; the fork goes on. `left out`: no fork was made. */
  readonly verdict: 'same' | 'different' | 'failed' | 'unfinished' | 'left out';
  readonly reason?: string;
  readonly agentId?: string;
  /** Of the recorded tree, from where the fork begins. */
  readonly before?: Used;
  readonly used?: Used;
}

/** An agent as its log has it after its first `at` events, or after all. */
export interface Moment extends Pick<Used, 'tokens' | 'costMicroUsd'> {
  readonly timeMs: number;
}

export interface ForkMeans {
  readonly result: (agentId: string) => Promise<AgentResult>;
  readonly moment: (agentId: string, at?: number) => Promise<Moment>;
  readonly fork: (
    agentId: string,
    limits: RequestedLimits,
  ) => Promise<{ readonly agentId: string; readonly at: number }>;
  /** Waits for its end. */
  readonly ended: (agentId: string) => Promise<AgentResult>;
  readonly onRun: (run: ForkedRun) => void;
  readonly signal: AbortSignal;
}

export interface ForkPlan {
  readonly sources: readonly string[];
  /** Of all forks together. */
  readonly budget: Share;
  /** Of each of them. */
  readonly limits: RequestedLimits;
  readonly parallel: number;
}

const NOTHING = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };

/** Forks each tree, some at a time, all within one budget; what had not begun when the command was interrupted is not among them. */
export async function runForks(plan: ForkPlan, means: ForkMeans): Promise<ForkedRun[]> {
  const { sources, parallel } = plan;
  const purse = new Purse(plan.budget, sources.length);
  const { signal } = means;
  const runs = await someAtATime(sources, { parallel, signal }, async (source) => {
    const run = await new ForkOfTree(source, plan, purse, means).run();
    means.onRun(run);
    return run;
  });
  return runs.filter((run) => run !== undefined);
}

class ForkOfTree {
  private agentId: string | undefined;

  constructor(
    private readonly source: string,
    private readonly plan: ForkPlan,
    private readonly purse: Purse,
    private readonly means: ForkMeans,
  ) {}

  async run(): Promise<ForkedRun> {
    try {
      return { ...this.place(), ...(await this.compared()) };
    } catch (error) {
      if (this.means.signal.aborted) return { ...this.place(), ...this.interrupted() };
      const reason = error instanceof Error ? error.message : String(error);
      return { ...this.place(), verdict: 'failed', reason };
    }
  }

  private place(): Pick<ForkedRun, 'source' | 'agentId'> {
    const { source, agentId } = this;
    return { source, ...(agentId !== undefined && { agentId }) };
  }

  private interrupted(): Pick<ForkedRun, 'verdict' | 'reason'> {
    if (this.agentId !== undefined) return { verdict: 'unfinished', reason: 'its fork goes on' };
    return { verdict: 'left out', reason: 'interrupted' };
  }

  private async compared(): Promise<Omit<ForkedRun, 'source'>> {
    const { source, means } = this;
    const recorded = await means.result(source);
    if (!isEnd(recorded.status)) {
      return { verdict: 'failed', reason: `the tree has not ended: ${recorded.status}` };
    }
    const forked = await this.fork();
    if (forked === undefined) return { verdict: 'left out', reason: 'the budget is used up' };
    const { agentId, at, result } = forked;
    const before = usedBetween(await means.moment(source, at), await means.moment(source));
    const used = usedBetween(await means.moment(agentId, 1), await means.moment(agentId));
    return { ...verdictOf(result, recorded), agentId, before, used };
  }

  /** Undefined when nothing is left for it. */
  private async fork() {
    const { plan, purse, means, source } = this;
    const { tokens, costMicroUsd } = plan.limits;
    const share = purse.take({
      ...(tokens !== undefined && { tokens }),
      ...(costMicroUsd !== undefined && { costMicroUsd }),
    });
    if (share === undefined) return undefined;
    try {
      const { agentId, at } = await means.fork(source, { ...plan.limits, ...share });
      this.agentId = agentId;
      const result = await means.ended(agentId);
      purse.settle(share, result.usage);
      return { agentId, at, result };
    } catch (error) {
      // Of what was refused nothing was spent; of anything else nobody knows.
      if (error instanceof Refused && this.agentId === undefined) purse.settle(share, NOTHING);
      throw error;
    }
  }
}

function verdictOf(
  result: AgentResult,
  recorded: AgentResult,
): Pick<ForkedRun, 'verdict' | 'reason'> {
  const { status, failure } = result;
  if (status !== 'completed') {
    return { verdict: 'failed', reason: `${status}: ${failure?.message ?? ''}` };
  }
  if (recorded.status === 'completed' && sameResult(result, recorded)) return { verdict: 'same' };
  const was = recorded.status === 'completed' ? told(recorded.output.trim()) : recorded.status;
  return { verdict: 'different', reason: `was ${was}, is ${told(result.output.trim())}` };
}

function usedBetween(from: Moment, to: Moment): Used {
  return {
    tokens: to.tokens - from.tokens,
    costMicroUsd: to.costMicroUsd - from.costMicroUsd,
    seconds: Math.round((to.timeMs - from.timeMs) / 100) / 10,
  };
}
