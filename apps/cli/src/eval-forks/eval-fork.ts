import { randomUUID } from 'node:crypto';
import { readResult, waitForEnd } from '@skynet/client';
import { forkAgentTool, replayAgentTool, type RequestedLimits } from '@skynet/contracts';
import type { Command } from 'commander';
import { addLimit, count } from '../command/option-values.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import type { ConnectionOptions } from '../connection/connection.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { evalGroup } from '../eval/eval-command.js';
import { forkText, renderForks } from './fork-report.js';
import { runForks, type ForkedRun, type ForkMeans, type Moment } from './forked-runs.js';
import type { Share } from '../eval/purse.js';

const PARALLEL = 4;

interface ForkOptions extends ConnectionOptions {
  readonly model?: string;
  readonly at?: number;
  readonly message?: string;
  readonly limit?: RequestedLimits;
  readonly budget?: RequestedLimits;
  readonly parallel: number;
  readonly json?: boolean;
}

export function addEvalFork(program: Command, surroundings: Surroundings): void {
  const command = evalGroup(program)
    .command('fork')
    .summary('what would another model have done: fork recorded trees, and compare')
    .description(
      'Forks each tree, waits for the forks within one budget, and shows result, tokens, cost and time of each beside those of\n' +
        'the tree that it came from. Exits with 3 when a fork did not complete.',
    )
    .argument('<ids...>', 'roots of trees that have ended')
    .option('--model <id>', 'go on with another model')
    .option('--at <n>', 'share the first n events (default: 1, or all with --message)', count)
    .option('--message <text>', 'tell each fork something more')
    .option(
      '--limit <name=amount>',
      'of each fork, instead of what was left then; repeat',
      addLimit,
    )
    .option('--budget <name=amount>', 'tokens or costMicroUsd of all forks; repeat', addLimit)
    .option('--parallel <forks>', 'forks at a time', count, PARALLEL)
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((ids: string[], options: ForkOptions) =>
    surroundings.run(forkTrees(ids, options, surroundings)),
  );
}

async function forkTrees(ids: readonly string[], options: ForkOptions, around: Surroundings): Work {
  const { model, message, limit: limits = {}, parallel } = options;
  if (model === undefined && message === undefined) {
    throw new Trouble('What shall be other? Name --model, or --message.', {
      exitCode: exitCodes.usage,
    });
  }
  const plan = { sources: ids, budget: budgetOf(options), limits, parallel };
  return connected(around, options, async (called) => {
    const { terminal, signal } = called;
    const runs = await runForks(plan, meansOf(options, called));
    if (options.json === true) terminal.printJson({ runs });
    else renderForks(runs).forEach(terminal.print);
    if (!signal.aborted) return exitCodeOf(runs);
    terminal.note(`detached; forks go on; ${ids.length - runs.length} trees were not forked`);
    return exitCodes.interrupted;
  });
}

function budgetOf({ budget = {} }: ForkOptions): Share {
  const { tokens, costMicroUsd, ...others } = budget;
  const [stray] = Object.keys(others);
  if (stray !== undefined) {
    const message = `A budget is of tokens or costMicroUsd, not of ${stray}.`;
    throw new Trouble(message, { next: 'See --limit.', exitCode: exitCodes.usage });
  }
  return {
    ...(tokens !== undefined && { tokens }),
    ...(costMicroUsd !== undefined && { costMicroUsd }),
  };
}

function meansOf(options: ForkOptions, { client, signal, terminal }: Called): ForkMeans {
  const { model, message } = options;
  const at = options.at ?? (message === undefined ? 1 : undefined);
  return {
    signal,
    onRun: (run) => terminal.note(forkText(run)),
    result: (agentId) => readResult(client, agentId, { signal }),
    moment: async (agentId, count) => momentOf(agentId, count, { client, signal }),
    fork: async (agentId, limits) => {
      const idempotencyKey = randomUUID();
      const input = { agentId, at, model, message, limits, idempotencyKey };
      // Who interrupts is to know what was made.
      const forked = await client.call(forkAgentTool, input);
      terminal.note(`${agentId} is forked as ${forked.agentId}`);
      return forked;
    },
    ended: async (agentId) => {
      await waitForEnd(client, agentId, { signal });
      return readResult(client, agentId, { signal });
    },
  };
}

async function momentOf(
  agentId: string,
  at: number | undefined,
  { client, signal }: Pick<Called, 'client' | 'signal'>,
): Promise<Moment> {
  const { state } = await client.call(replayAgentTool, { agentId, at }, { signal });
  if (state === undefined) throw new Trouble(`There is no state of ${agentId}.`);
  const { inputTokens, outputTokens, costMicroUsd } = state.budget.spent;
  return { tokens: inputTokens + outputTokens, costMicroUsd, timeMs: state.last.timeMs };
}

function exitCodeOf(runs: readonly ForkedRun[]): number {
  const isWhole = runs.every(({ verdict }) => verdict === 'same' || verdict === 'different');
  return isWhole ? exitCodes.ok : exitCodes.notCompleted;
}
