import { resolve } from 'node:path';
import { subjects, toolApprovalAnswerSchema } from '@skynet/contracts';
import type { Command } from 'commander';
import { operatorName } from '../recording/operator-name.js';
import { askRuntime } from '../operating/ask-runtime.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { renderApproval } from './approval-view.js';

interface ApproveOptions {
  readonly data?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** `skynet tools approve`, below `skynet tools`. */
export function addApprove(tools: Command, surroundings: Surroundings): void {
  tools
    .command('approve')
    .summary('offer tools again whose definitions have changed')
    .description(
      'Pins the definitions that a tool server has now, and says what is other than before. Agents are offered them with ' +
        'their next request, in all replicas. Exits with 1 when nothing of the server waits for approval.',
    )
    .argument('<server>', 'name of a server in the registry')
    .argument('[tool...]', 'names of its tools (default: all that wait)')
    .option('--dry-run', 'only say what would be approved')
    .option('--data <folder>', 'folder of the stack to call (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((server: string, names: readonly string[], _: ApproveOptions, command: Command) => {
      // Those of `skynet tools` have the same names and are taken first.
      const options = command.optsWithGlobals<ApproveOptions>();
      return surroundings.run(approve({ server, tools: names }, options, surroundings));
    });
}

async function approve(
  wanted: { readonly server: string; readonly tools: readonly string[] },
  { data, json = false, dryRun = false }: ApproveOptions,
  around: Surroundings,
): Work {
  const { config, terminal } = around;
  const answer = toolApprovalAnswerSchema.parse(
    await askRuntime(
      resolve(data ?? config.dataFolder),
      {
        subject: subjects.approveTools,
        data: { ...wanted, dryRun, by: operatorName() },
        trouble: 'It is not known whether the tools were approved',
        next: 'Does agent-runtime run? It is safe to try again.',
      },
      around,
    ),
  );
  if (answer.refused !== undefined) {
    const next = '"skynet tools SERVER" lists its tools, and those that wait for approval.';
    throw new Trouble(answer.refused, { next });
  }
  if (json) terminal.printJson(answer);
  else renderApproval(wanted.server, answer, { dryRun }).forEach(terminal.print);
  return exitCodes.ok;
}
