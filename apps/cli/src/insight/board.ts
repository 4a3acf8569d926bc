import { getAgentStatusTool, type BoardView } from '@skynet/contracts';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import type { ConnectionOptions } from '../connection/connection.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';

interface BoardOptions extends ConnectionOptions {
  readonly json?: boolean;
}

const TEXT_WIDTH = 60;
const COLUMNS = [
  { title: 'KEY', maxWidth: 40 },
  { title: 'VERSION' },
  { title: 'BYTES' },
  { title: 'BY' },
  { title: 'VALUE' },
];

export function addBoard(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('board')
    .summary('show what the agents of a tree have written for each other')
    .description('Lists the board of the tree of an agent, or prints the value of one key.')
    .argument('<id>', 'any agent of the tree')
    .argument('[key]', 'print what it has')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action(
    (agentId: string, key: string | undefined, options: BoardOptions) =>
      surroundings.run(
        connected(surroundings, options, (called) => show({ agentId, key, ...options }, called)),
      ),
  );
}

async function show(
  { agentId, key, json }: BoardOptions & { readonly agentId: string; readonly key?: string },
  { client, terminal, signal }: Called,
): Work {
  const asked = { agentId, board: key ?? '' };
  const { board } = await client.call(getAgentStatusTool, asked, { signal });
  const keys = board?.keys ?? [];
  if (key === undefined) {
    if (json === true) terminal.printJson(board ?? null);
    else renderBoard(keys).forEach(terminal.print);
    return exitCodes.ok;
  }
  const found = keys.find((one) => one.key === key);
  if (found?.value === undefined) {
    const next = `"skynet board ${agentId}" lists the keys.`;
    throw new Trouble(`The board has no key ${key}.`, { next });
  }
  if (json === true) terminal.printJson(found);
  else terminal.printText(found.value);
  return exitCodes.ok;
}

/** A line for each key; a value that left no room in the answer is a mark. */
export function renderBoard(keys: BoardView['keys']): readonly string[] {
  if (keys.length === 0) return ['nothing is on the board'];
  const rows = keys.map(({ key, version, bytes, by, value }) => [
    oneLine(key),
    String(version),
    String(bytes),
    by,
    oneLine(value ?? '…', TEXT_WIDTH),
  ]);
  return renderTable(COLUMNS, rows);
}
