import { explainFailureTool, type FailureExplanation } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import type { Surroundings } from '../command/surroundings.js';
import { addConnectionOptions, connected } from '../connection/connected.js';
import { exitCodes } from '../ending/trouble.js';
import { oneLine } from '../screen/plain-text.js';
import { spentText } from '../agents/status-view.js';

interface ExplainOptions extends ConnectionOptions {
  readonly json?: boolean;
}

const WIDTH = 2_000;

export function addExplain(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('explain')
    .summary('say why an agent, or agents below it, did not complete')
    .description(
      'Says where in the tree a failure began, what it cost and what can be done next, from what the log holds.',
    )
    .argument('<id>', 'the agent')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((agentId: string, options: ExplainOptions) =>
    surroundings.run(
      connected(surroundings, options, async ({ client, terminal, signal }) => {
        const explained = await client.call(explainFailureTool, { agentId }, { signal });
        if (options.json === true) terminal.printJson(explained);
        else renderExplanation(explained).forEach(terminal.print);
        return exitCodes.ok;
      }),
    ),
  );
}

/** What is said of one failure, a line each. */
export function renderExplanation(explained: FailureExplanation): string[] {
  const { summary, cause, path, failedBelow, spent, spentInVain, next, lookedAt } = explained;
  const counts = failedBelow.map(({ reason, agents }) => `${agents} ${reason}`).join(', ');
  return [
    summary,
    ...(cause === undefined ? [] : [`cause   ${cause.agentId}  ${cause.model}  ${cause.task}`]),
    ...(path.length > 1 ? [`path    ${path.join(' > ')}`] : []),
    ...(counts === '' ? [] : [`below   ${counts}`]),
    `spent   ${spentText(spent)}, of it ${spentText(spentInVain)} by agents that did not complete`,
    ...next.map((advice) => `next    ${advice}`),
    ...(lookedAt === undefined ? [] : [`Only ${lookedAt} agents of the tree were looked at.`]),
  ].map((line) => oneLine(line, WIDTH));
}
