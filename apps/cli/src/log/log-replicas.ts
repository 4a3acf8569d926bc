import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { NatsLink } from '@skynet/platform/nats';
import type { CopiesReport } from '@skynet/platform/operations';
import { inTrouble } from '../ending/store-trouble.js';
import { readConnection } from '../connection/connection.js';
import type { StoredConnection } from '../connection/connection-file.js';
import { recorded } from '../recording/operator-acts.js';
import { connectOperator } from '../connection/operator-link.js';
import { clusterSize } from '../command/option-values.js';
import { renderTable } from '../screen/table.js';
import { listenForInterruption } from '../ending/interruption.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';

interface ReplicasOptions {
  readonly data?: string;
  readonly json?: boolean;
}

const TITLES = ['stream', 'copies', 'leader', 'others', 'state'];

export function addLogReplicas(log: Command, surroundings: Surroundings): void {
  log
    .command('replicas')
    .summary('show or change how many copies NATS keeps of the log, queues and buckets')
    .description(
      'Without a number it shows how many copies of each stream and bucket there are, and where. With one it moves all of ' +
        'them to so many copies, one after the other, and waits until each copy is current. Services go on meanwhile. ' +
        'Safe to repeat.',
    )
    .argument('[copies]', '1, 3 or 5: as many servers must run', clusterSize)
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((copies: number | undefined, options: ReplicasOptions) =>
      surroundings.run(replicas(copies, options, surroundings)),
    );
}

async function replicas(
  copies: number | undefined,
  options: ReplicasOptions,
  around: Surroundings,
): Work {
  const { config, terminal } = around;
  const connection = await readConnection(resolve(options.data ?? config.dataFolder));
  const interruption = listenForInterruption(() => process.exit(exitCodes.interrupted));
  const { signal } = interruption;
  const what = copies === undefined ? 'The copies are not known' : 'Not all copies were changed';
  try {
    const reports = await inTrouble(what, () =>
      withOperator(connection, async (link) => {
        const { note } = terminal;
        const { environment } = config;
        if (copies !== undefined) {
          const operation = { what: 'replicas', details: { copies: String(copies) } } as const;
          const move = () => moveAll(link, { copies, signal, note });
          await recorded({ connection, environment, note }, operation, move);
        }
        return listed(link);
      }),
    );
    if (options.json === true) terminal.printJson({ streams: reports });
    else renderCopies(reports).forEach(terminal.print);
    return exitCodes.ok;
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.note('interrupted: what was begun goes on in the servers; say it again for the rest');
    return exitCodes.interrupted;
  } finally {
    interruption.release();
  }
}

async function withOperator<Result>(
  connection: StoredConnection,
  work: (link: NatsLink) => Promise<Result>,
): Promise<Result> {
  const operator = await connectOperator(connection);
  try {
    return await work(operator.link);
  } finally {
    await operator.close();
  }
}

interface Move {
  readonly copies: number;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

async function moveAll(link: NatsLink, { copies, signal, note }: Move): Promise<void> {
  const { changeCopies } = await import('@skynet/platform/operations');
  const done = new Set<string>();
  for (;;) {
    // A service may make a bucket meanwhile.
    const next = (await listed(link)).find(({ name }) => !done.has(name));
    if (next === undefined) return;
    const { name } = next;
    let said = '';
    const onWaiting = ({ behind }: CopiesReport) => {
      const now = `${name}: ${next.copies} → ${copies}, ${behind.join(', ') || 'a copy'} is not current yet …`;
      if (now !== said) note(now);
      said = now;
    };
    await changeCopies(link, name, copies, { signal, onWaiting });
    if (next.copies !== copies) note(`${name}: ${next.copies} → ${copies}, current`);
    done.add(name);
  }
}

async function listed(link: NatsLink): Promise<CopiesReport[]> {
  const { listCopies } = await import('@skynet/platform/operations');
  return listCopies(link);
}

/** What is there, and in the last line whether it is one number of copies. */
export function renderCopies(reports: readonly CopiesReport[]): string[] {
  const rows = reports.map(({ name, copies, leader, followers, behind, isCurrent }) => [
    name,
    String(copies),
    leader ?? '-',
    followers.join(' '),
    isCurrent ? 'current' : `behind: ${behind.join(' ') || 'a copy is missing'}`,
  ]);
  const numbers = new Set(reports.map(({ copies }) => copies));
  return [
    ...renderTable(
      TITLES.map((title) => ({ title })),
      rows,
    ),
    ...(numbers.size > 1
      ? [`not one number of copies: "skynet log replicas ${Math.max(...numbers)}" makes it one`]
      : []),
  ];
}
