import { resolve } from 'node:path';
import { ClientAdmin } from '@skynet/client';
import {
  scopeSchema,
  type ClientChanges,
  type ClientView,
  type ClientWithSecret,
  type Role,
  type Scope,
} from '@skynet/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import { asOwner } from '../connection/local-token.js';
import { readConnection } from '../connection/connection.js';
import { duration } from '../command/option-values.js';
import { renderTable } from '../screen/table.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { roles } from './users-command.js';

type Limit = readonly Scope[] | 'all';

interface ClientsOptions {
  readonly data?: string;
  readonly json?: boolean;
  readonly roles?: readonly Role[];
  readonly scopes?: Limit;
  readonly tokenSeconds?: number;
  readonly keepOld?: number;
}

/** What a command of one client is done with. */
interface Doing {
  readonly admin: ClientAdmin;
  readonly options: ClientsOptions;
  readonly terminal: Surroundings['terminal'];
}

const COLUMNS = ['ID', 'ROLES', 'SCOPES', 'TENANT', 'STATE', 'KEPT IN'].map((title) => ({ title }));

/** Scopes separated by commas, or `all` that the roles allow. */
export function scopes(list: string): Limit {
  if (list === 'all') return list;
  const names = list.split(',').map((name) => scopeSchema.safeParse(name.trim()));
  const known = names.flatMap(({ data }) => (data === undefined ? [] : [data]));
  if (known.length === names.length) return known;
  throw new InvalidArgumentError(`expected all, or some of ${scopeSchema.options.join(', ')}`);
}

export function addClients(program: Command, surroundings: Surroundings): void {
  const clients = program
    .command('clients')
    .summary('manage which programs may log in by themselves')
    .description('Manages the programs that log in to the stack of a data folder by a secret.');
  const command = (usage: string, what: string) =>
    clients
      .command(usage)
      .description(what)
      .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
      .option('--json', 'print JSON, one line for each client');
  const run = async (options: ClientsOptions, work: (doing: Doing) => Promise<void>) => {
    await surroundings.run(carryOut(options, surroundings, work));
  };
  const change = (options: ClientsOptions, clientId: string, changes: ClientChanges) =>
    run(options, async (doing) => show(doing, await doing.admin.change(clientId, changes)));

  command('list', 'Lists all clients that have a secret.').action((options: ClientsOptions) =>
    run(options, list),
  );
  command('add <id>', 'Adds a client and prints its secret, which is shown only then.')
    .requiredOption('--roles <roles>', 'viewer, operator or admin; several with commas', roles)
    .option('--scopes <scopes>', 'no more than these (default: all that the roles allow)', scopes)
    .option('--token-seconds <seconds>', 'how long its tokens last', duration)
    .action((clientId: string, options: ClientsOptions) =>
      run(options, (doing) => add(doing, clientId)),
    );
  command('rotate <id>', 'Gives a client a new secret and prints it.')
    .option('--keep-old <seconds>', 'let the secret before it work for so long', duration, 0)
    .action((clientId: string, options: ClientsOptions) =>
      run(options, (doing) => rotate(doing, clientId)),
    );
  command('grant <id> <roles>', 'Gives a client these roles and no others.')
    .option('--scopes <scopes>', 'no more than these; all: all that the roles allow', scopes)
    .action((clientId: string, granted: string, options: ClientsOptions) =>
      change(options, clientId, { roles: [...roles(granted)], ...limitOf(options) }),
    );
  command('disable <id>', 'Gives a client no more tokens.').action(
    (clientId: string, options: ClientsOptions) => change(options, clientId, { disabled: true }),
  );
  command('enable <id>', 'Lets a disabled client in again.').action(
    (clientId: string, options: ClientsOptions) => change(options, clientId, { disabled: false }),
  );
  command('remove <id>', 'Removes a client for ever: its id is not given away again.').action(
    (clientId: string, options: ClientsOptions) => run(options, (doing) => remove(doing, clientId)),
  );
}

async function carryOut(
  options: ClientsOptions,
  { config, terminal }: Surroundings,
  work: (doing: Doing) => Promise<void>,
): Work {
  const connection = await readConnection(resolve(options.data ?? config.dataFolder));
  await work({ admin: new ClientAdmin(asOwner(connection)), options, terminal });
  return exitCodes.ok;
}

async function list(doing: Doing): Promise<void> {
  const clients = await doing.admin.list();
  if (clients.length === 0) doing.terminal.note('no clients');
  else show(doing, ...clients);
}

async function add(doing: Doing, clientId: string): Promise<void> {
  const { roles: held = [], scopes: limit, tokenSeconds } = doing.options;
  const wanted = {
    clientId,
    roles: [...held],
    ...(limit !== undefined && limit !== 'all' && { scopes: [...limit] }),
    ...(tokenSeconds !== undefined && { accessTokenTtlSeconds: tokenSeconds }),
  };
  tell(doing, await doing.admin.add(wanted));
}

async function rotate(doing: Doing, clientId: string): Promise<void> {
  const { keepOld = 0 } = doing.options;
  tell(doing, await doing.admin.rotate(clientId, { keepOldSeconds: keepOld }));
}

async function remove({ admin, options, terminal }: Doing, clientId: string): Promise<void> {
  await admin.remove(clientId);
  if (options.json === true) terminal.printJson({ clientId, removed: true });
  else terminal.note(`${clientId} is removed`);
}

function limitOf({ scopes: limit }: ClientsOptions): Pick<ClientChanges, 'scopes'> {
  return limit === undefined ? {} : { scopes: limit === 'all' ? null : [...limit] };
}

/** The secret alone goes to standard output, for a pipe. */
function tell({ terminal, options }: Doing, client: ClientWithSecret): void {
  if (options.json === true) {
    terminal.printJson(client);
    return;
  }
  terminal.note(`The secret of ${client.clientId}, shown only now:`);
  terminal.print(client.clientSecret);
}

function show({ terminal, options }: Doing, ...clients: readonly ClientView[]): void {
  if (options.json === true) for (const client of clients) terminal.printJson(client);
  else renderTable(COLUMNS, clients.map(cellsOf)).forEach(terminal.print);
}

function cellsOf(client: ClientView): string[] {
  const { clientId, tenant, disabled, keptIn } = client;
  const limit = client.scopes?.join(',') ?? 'all';
  return [
    clientId,
    client.roles.join(','),
    limit,
    tenant,
    disabled ? 'disabled' : 'active',
    keptIn,
  ];
}
