import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { UserAdmin } from '@skynet/client';
import { roleSchema, type Role, type UserView } from '@skynet/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import { asOwner } from '../connection/local-token.js';
import { readConnection } from '../connection/connection.js';
import { renderTable } from '../screen/table.js';
import { newPassword } from '../stack/first-user.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';

interface UsersOptions {
  readonly data?: string;
  readonly json?: boolean;
  readonly passwordStdin?: boolean;
  readonly roles?: readonly Role[];
}

const COLUMNS = [{ title: 'NAME' }, { title: 'ROLES' }, { title: 'TENANT' }, { title: 'STATE' }];

/** Roles separated by commas. */
export function roles(list: string): readonly Role[] {
  const names = list.split(',').map((name) => roleSchema.safeParse(name.trim()));
  const known = names.flatMap(({ data }) => (data === undefined ? [] : [data]));
  if (known.length === names.length) return known;
  throw new InvalidArgumentError(`expected some of ${roleSchema.options.join(', ')}`);
}

export function addUsers(program: Command, surroundings: Surroundings): void {
  const users = program
    .command('users')
    .summary('manage who may log in')
    .description('Manages the people who may log in to the stack of a data folder.');
  const command = (usage: string, what: string) =>
    users
      .command(usage)
      .description(what)
      .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)');
  const stdin = ['--password-stdin', 'read it instead of making one up'] as const;
  const run = (work: Work) => surroundings.run(work);

  command('list', 'Lists all users.')
    .option('--json', 'print one line of JSON for each')
    .action((options: UsersOptions) => run(list(options, surroundings)));
  command('add <name>', 'Adds a user and prints the password.')
    .requiredOption('--roles <roles>', 'viewer, operator or admin; several with commas', roles)
    .option(...stdin)
    .action((name: string, options: UsersOptions) => run(add(name, options, surroundings)));
  command('password <name>', 'Gives a user a new password and prints it. Ends all logins.')
    .option(...stdin)
    .action((name: string, options: UsersOptions) => run(password(name, options, surroundings)));
  command('grant <name> <roles>', 'Gives a user these roles and no others.').action(
    (name: string, granted: string, options: UsersOptions) =>
      run(change(name, { roles: [...roles(granted)] }, options, surroundings)),
  );
  command('disable <name>', 'Ends all logins of a user and lets in no more.').action(
    (name: string, options: UsersOptions) =>
      run(change(name, { disabled: true }, options, surroundings)),
  );
  command('enable <name>', 'Lets a disabled user in again.').action(
    (name: string, options: UsersOptions) =>
      run(change(name, { disabled: false }, options, surroundings)),
  );
}

async function adminOf({ data }: UsersOptions, { config }: Surroundings): Promise<UserAdmin> {
  return new UserAdmin(asOwner(await readConnection(resolve(data ?? config.dataFolder))));
}

async function list(options: UsersOptions, surroundings: Surroundings): Work {
  const { terminal } = surroundings;
  const users = await (await adminOf(options, surroundings)).list();
  if (options.json === true) for (const user of users) terminal.printJson(user);
  else if (users.length === 0) terminal.note('no users');
  else renderTable(COLUMNS, users.map(cellsOf)).forEach(terminal.print);
  return exitCodes.ok;
}

async function add(name: string, options: UsersOptions, surroundings: Surroundings): Work {
  const admin = await adminOf(options, surroundings);
  const chosen = await chosenPassword(options);
  const user = { name, password: chosen ?? newPassword(), roles: [...(options.roles ?? [])] };
  await admin.add(user);
  tell(surroundings, name, chosen === undefined ? user.password : undefined);
  return exitCodes.ok;
}

async function password(name: string, options: UsersOptions, surroundings: Surroundings): Work {
  const admin = await adminOf(options, surroundings);
  const chosen = await chosenPassword(options);
  const made = chosen ?? newPassword();
  await admin.change(name, { password: made });
  tell(surroundings, name, chosen === undefined ? made : undefined);
  return exitCodes.ok;
}

async function change(
  ...[name, changes, options, surroundings]: [
    string,
    { roles?: Role[]; disabled?: boolean },
    UsersOptions,
    Surroundings,
  ]
): Work {
  const user = await (await adminOf(options, surroundings)).change(name, changes);
  renderTable(COLUMNS, [cellsOf(user)]).forEach(surroundings.terminal.print);
  return exitCodes.ok;
}

/** Undefined: make one up. */
async function chosenPassword({ passwordStdin }: UsersOptions): Promise<string | undefined> {
  return passwordStdin === true ? (await text(process.stdin)).replace(/\r?\n$/, '') : undefined;
}

/** The password alone goes to standard output, for a pipe. */
function tell({ terminal }: Surroundings, name: string, made: string | undefined): void {
  if (made === undefined) {
    terminal.note(`${name} has the password that was given`);
    return;
  }
  terminal.note(`The password of ${name}, shown only now:`);
  terminal.print(made);
}

function cellsOf({ name, roles: held, tenant, disabled }: UserView): string[] {
  return [name, held.join(','), tenant, disabled ? 'disabled' : 'active'];
}
