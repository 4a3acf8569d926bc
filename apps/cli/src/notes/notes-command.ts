import { resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import {
  notesAnswerSchema,
  notesRequestSchema,
  subjects,
  type NotesAnswer,
  type NotesRequest,
} from '@skynet/contracts';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { askRuntime } from '../operating/ask-runtime.js';
import { operatorName } from '../recording/operator-name.js';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';

interface NotesOptions {
  readonly tenant: string;
  readonly template?: string;
  readonly expect?: number;
  readonly all?: boolean;
  readonly data?: string;
  readonly json?: boolean;
}

const COLUMNS = [
  { title: 'TEMPLATE' },
  { title: 'KEY', maxWidth: 40 },
  { title: 'VERSION' },
  { title: 'BYTES' },
  { title: 'BY' },
];

export function addNotes(program: Command, surroundings: Surroundings): void {
  const notes = program
    .command('notes')
    .summary('show and change what agents of a template keep for later ones')
    .description('Notes outlive the tree of their agent; they are kept by tenant and template.');
  const command = (usage: string, what: string) =>
    notes
      .command(usage)
      .description(what)
      .option('--tenant <tenant>', 'whose notes', 'local')
      .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
      .option('--json', 'print JSON');
  const run = (asked: Asked, options: NotesOptions) =>
    surroundings.run(show(asked, options, surroundings));

  command('ls', 'Lists notes, without their texts.')
    .option('--template <name>', 'only those of one template')
    .action((options: NotesOptions) => run({ template: options.template }, options));
  command('show <template> <key>', 'Prints one note.').action(
    (template: string, key: string, options: NotesOptions) => run({ template, key }, options),
  );
  command('set <template> <key> <text>', 'Writes a note; - reads it from standard input.')
    .option(
      '--expect <version>',
      'only where it has that version; 0: where it is not there',
      Number,
    )
    .action(async (template: string, key: string, said: string, options: NotesOptions) => {
      const value = said === '-' ? await textOf(process.stdin) : said;
      const change = { kind: 'set', value, expectedVersion: options.expect } as const;
      return run({ template, key, change }, options);
    });
  command(
    'rm [template] [key]',
    'Takes off a note, all of a template, or with --all all of the tenant.',
  )
    .option('--all', 'of all templates')
    .action((template: string | undefined, key: string | undefined, options: NotesOptions) =>
      run({ template, key, change: { kind: 'remove' } }, options),
    );
}

type Asked = Pick<NotesRequest, 'template' | 'key' | 'change'>;

async function show(asked: Asked, options: NotesOptions, around: Surroundings): Work {
  const { template, change } = asked;
  if (change?.kind === 'remove' && template === undefined && options.all !== true) {
    throw new Trouble('Nothing says which notes.', { next: 'Name a template, or --all.' });
  }
  const answer = await ask(asked, options, around);
  if (answer.refused !== undefined)
    throw new Trouble(answer.refused, { exitCode: exitCodes.refused });
  const lines = linesOf(asked, answer);
  const { terminal } = around;
  if (options.json === true) terminal.printJson(answer.books);
  else if (typeof lines === 'string') terminal.printText(lines);
  else lines.forEach(terminal.print);
  return exitCodes.ok;
}

/** The text of one note that was asked for, or what there is. */
function linesOf(
  { template, key, change }: Asked,
  answer: NotesAnswer,
): string | readonly string[] {
  if (change?.kind === 'remove') return ['removed'];
  if (key === undefined || change !== undefined) return renderNotes(answer);
  const value = answer.books[0]?.notes[0]?.value;
  if (value !== undefined) return value;
  const next = '"skynet notes ls" lists those that are there.';
  throw new Trouble(`There is no note ${key} of ${template}.`, { next });
}

async function ask(
  asked: Asked,
  options: NotesOptions,
  around: Surroundings,
): Promise<NotesAnswer> {
  const { tenant, data } = options;
  const { template, change } = asked;
  const details = { change: change?.kind ?? '', tenant, ...(template && { template }) };
  const request = readRequest({ ...asked, tenant, by: operatorName() });
  const question = {
    operation: change === undefined ? undefined : ({ what: 'notes', details } as const),
    subject: subjects.notes,
    data: request,
    trouble:
      change === undefined ? 'The notes are not known' : 'It is not known whether it was done',
    next: 'Does agent-runtime run? It is safe to try again.',
  };
  const folder = resolve(data ?? around.config.dataFolder);
  return notesAnswerSchema.parse(await askRuntime(folder, question, around));
}

/** @throws Trouble when no runtime would take it */
export function readRequest(given: object): NotesRequest {
  const read = notesRequestSchema.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const next = 'A key has 128 characters, a note 16,384; --expect takes a version, 0 for none.';
  const message = `${issue?.path.at(-1)?.toString() ?? 'it'}: ${issue?.message}`;
  throw new Trouble(message, { next, exitCode: exitCodes.usage });
}

/** A line for each note. */
export function renderNotes({ books }: NotesAnswer): readonly string[] {
  const rows = books.flatMap(({ template, notes }) =>
    notes.map(({ key, version, bytes, by }) => [
      ...[template, oneLine(key), String(version), String(bytes), by],
    ]),
  );
  const more = books.flatMap(({ template, leftOut = 0 }) =>
    leftOut === 0 ? [] : [`${template}: ${leftOut} notes, shown with --template ${template}`],
  );
  if (rows.length + more.length === 0) return ['no notes'];
  return [...(rows.length === 0 ? [] : renderTable(COLUMNS, rows)), ...more];
}
