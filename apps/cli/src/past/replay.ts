import { replayAgentTool } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { ArchivedTree } from '../archive/archive-questions.js';
import { renderState } from './state-view.js';
import type { Terminal } from '../screen/terminal.js';
import { renderTree } from '../agents/tree-view.js';
import { renderVerification } from './verification-view.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { addArchiveOptions, type ArchiveOptions } from '../archive/archive-options.js';
import { addConnectionOptions, connected } from '../connection/connected.js';
import { count } from '../command/option-values.js';
import type { z } from 'zod';

interface ReplayOptions extends ConnectionOptions, ArchiveOptions {
  readonly at?: number;
  readonly tree?: boolean;
  readonly verify?: boolean;
  readonly trustRequests?: boolean;
  readonly json?: boolean;
}

type Answer = z.output<typeof replayAgentTool.output>;
type Question = z.input<typeof replayAgentTool.input>;

export function addReplay(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('replay')
    .summary('show an agent as it was, or decide its log again')
    .description(
      'Shows the state of an agent after its first events. With --verify decides the whole tree again, without\n' +
        'network, and names the first event that does not follow; exit code 6 when there is one.',
    )
    .argument('[id]', 'the agent; may be left out for the root of an archive')
    .option('--at <n>', 'after the first n events (default: all)', count)
    .option('--tree', 'every agent of the tree at that moment')
    .option('--verify', 'decide everything again and compare')
    .option(
      '--trust-requests',
      'with --verify of an archive: of another release, offered other tools',
    )
    .option('--json', 'print JSON');
  addArchiveOptions(addConnectionOptions(command)).action(
    (agentId: string | undefined, options: ReplayOptions) =>
      surroundings.run(replay(agentId, options, surroundings)),
  );
}

async function replay(
  agentId: string | undefined,
  options: ReplayOptions,
  surroundings: Surroundings,
): Work {
  const archived = await ArchivedTree.named(options, surroundings.config, agentId);
  if (archived !== undefined)
    return show(await askArchive(archived, options), options, surroundings);
  if (agentId === undefined) {
    throw new Trouble('Which agent? Only an archive has one root.', { exitCode: exitCodes.usage });
  }
  const question = { agentId, at: options.at, show: showOf(options) };
  return connected(surroundings, options, async ({ client, signal }) =>
    show(await client.call(replayAgentTool, question, { signal }), options, surroundings),
  );
}

async function askArchive(archived: ArchivedTree, options: ReplayOptions): Promise<Answer> {
  if (options.verify === true) return archived.verify(options.trustRequests === true);
  return options.tree === true ? archived.tree(options.at) : archived.state(options.at);
}

function showOf({ verify, tree }: ReplayOptions): NonNullable<Question['show']> {
  if (verify === true) return 'verify';
  return tree === true ? 'tree' : 'state';
}

function show(answer: Answer, { json }: ReplayOptions, { terminal }: Surroundings): number {
  const { state, tree, verification } = answer;
  if (json === true) terminal.printJson(state ?? tree ?? verification ?? null);
  else linesOf(answer, terminal).forEach(terminal.print);
  return verification?.divergence === undefined ? exitCodes.ok : exitCodes.diverged;
}

function linesOf({ agentId, state, tree, verification }: Answer, canvas: Terminal): string[] {
  if (state !== undefined) return renderState(state, canvas);
  if (verification !== undefined) return renderVerification(verification, canvas);
  const agents = tree ?? [];
  const top = agents.find(({ parentId }) => parentId === undefined)?.agentId ?? agentId;
  return renderTree(top, agents, canvas, { ids: false });
}
