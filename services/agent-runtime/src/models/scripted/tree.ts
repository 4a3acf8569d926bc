import { z } from 'zod';
import { lastResults, taskOf, turnsTaken } from './conversation-reading.js';
import type { Script, ScriptTurn } from './script.js';
import { parseTask } from './task-parameters.js';

const parameters = z.object({
  /** Levels of the tree, the root included. */
  depth: z.int().min(1).max(10),
  fanOut: z.int().min(1).max(100),
  /** The leftmost leaf fails. */
  failLeaf: z.boolean().default(false),
});
type Parameters = z.infer<typeof parameters>;

const report = z.object({
  agentId: z.string(),
  status: z.string(),
  output: z.string().optional(),
  failure: z.object({ reason: z.string(), message: z.string(), retryable: z.boolean() }).optional(),
});
type Report = z.infer<typeof report>;
const reports = z.object({ agents: z.array(report) });

interface Sum {
  leaves: number;
  agents: number;
  failures?: { agentId: string; status: string; reason: string; retryable: boolean }[];
}

/** Builds a full tree of agents and sums it up from the children's results. Leaves and inner agents take two turns. */
export const tree: Script = (request, context) => {
  const task = parseTask(taskOf(request), parameters, context);
  const isLeaf = task.depth === 1;
  if (isLeaf && task.failLeaf) return context.fail('this leaf was told to fail');
  if (turnsTaken(request) === 0) return isLeaf ? working() : spawning(task);
  const sum = isLeaf ? { leaves: 1, agents: 1 } : sumOf(reportsOf(lastResults(request)));
  return { text: JSON.stringify(sum) };
};

const progress = { name: 'report_progress', arguments: { message: 'working' } };

function working(): ScriptTurn {
  return { toolCalls: [progress] };
}

function spawning({ depth, fanOut, failLeaf }: Parameters): ScriptTurn {
  const descendants = agentsIn(depth - 1, fanOut) - 1;
  const spawns = Array.from({ length: fanOut }, (_, index) => ({
    name: 'spawn_agent',
    arguments: {
      task: {
        description: JSON.stringify({
          depth: depth - 1,
          fanOut,
          ...(failLeaf && index === 0 ? { failLeaf } : {}),
        }),
      },
      limits: { descendants, children: fanOut },
    },
  }));
  return { toolCalls: [progress, ...spawns, { name: 'await_agents', arguments: { mode: 'all' } }] };
}

function agentsIn(depth: number, fanOut: number): number {
  let all = 0;
  for (let level = 0; level < depth; level += 1) all += fanOut ** level;
  return all;
}

function reportsOf(results: ReturnType<typeof lastResults>): Report[] {
  const awaited = results.at(-1)?.content ?? '{}';
  return reports.parse(JSON.parse(awaited)).agents;
}

function sumOf(reports: readonly Report[]): Sum {
  const sum: Sum = { leaves: 0, agents: 1 };
  const failures: NonNullable<Sum['failures']> = [];
  for (const { agentId, status, output, failure } of reports) {
    if (failure !== undefined || output === undefined) {
      const { reason = 'NO_OUTPUT', retryable = false } = failure ?? {};
      failures.push({ agentId, status, reason, retryable });
      continue;
    }
    const below = JSON.parse(output) as Sum;
    sum.leaves += below.leaves;
    sum.agents += below.agents;
    failures.push(...(below.failures ?? []));
  }
  return failures.length === 0 ? sum : { ...sum, failures };
}
