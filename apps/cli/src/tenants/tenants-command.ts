import { resolve } from 'node:path';
import {
  listTenantsAnswerSchema,
  setQuotasAnswerSchema,
  subjects,
  type TenantView,
} from '@skynet/contracts';
import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { askRuntime } from '../operating/ask-runtime.js';
import { operatorName } from '../recording/operator-name.js';
import { addQuotaOptions, changesOf, type QuotaOptions } from './quota-options.js';
import { renderTenant, renderTenants } from './tenants-view.js';

interface TenantsOptions extends QuotaOptions {
  readonly data?: string;
  readonly json?: boolean;
}

const NEXT = 'Does the scheduler run? It is safe to try again.';

export function addTenants(program: Command, surroundings: Surroundings): void {
  const tenants = program
    .command('tenants')
    .summary('say what each tenant may have')
    .description(
      'Shows and sets quotas of tenants, at once and in all services. For those who run the stack: a tenant’s own ' +
        'administrators may not.',
    );
  const command = (usage: string, what: string) =>
    tenants
      .command(usage)
      .description(what)
      .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
      .option('--json', 'print JSON, one line for each tenant');
  const change = (isNew: boolean) => (tenant: string, options: TenantsOptions) =>
    surroundings.run(set({ tenant, isNew }, options, surroundings));

  command('ls', 'Lists tenants that have quotas or agents.').action((options: TenantsOptions) =>
    surroundings.run(list(options, surroundings)),
  );
  command('show <tenant>', 'Shows one tenant.').action((tenant: string, options: TenantsOptions) =>
    surroundings.run(show(tenant, options, surroundings)),
  );
  addQuotaOptions(command('add <tenant>', 'Gives a tenant its first quotas.')).action(change(true));
  addQuotaOptions(
    command('set <tenant>', 'Changes the quotas named; none and all take one away.'),
  ).action(change(false));
}

async function list(options: TenantsOptions, around: Surroundings): Work {
  const tenants = await tenantsOf(options, around);
  const { terminal } = around;
  if (options.json === true) tenants.forEach((each) => terminal.printJson(each));
  else if (tenants.length === 0) terminal.note('no tenants');
  else renderTenants(tenants).forEach(terminal.print);
  return exitCodes.ok;
}

async function show(tenant: string, options: TenantsOptions, around: Surroundings): Work {
  const [found] = await tenantsOf(options, around, tenant);
  if (found === undefined) {
    const next = '"skynet tenants ls" lists those that have quotas or agents.';
    throw new Trouble(`The tenant ${tenant} has neither quotas nor agents.`, { next });
  }
  print(found, options, around);
  return exitCodes.ok;
}

async function set(
  which: { readonly tenant: string; readonly isNew: boolean },
  options: TenantsOptions,
  around: Surroundings,
): Work {
  const data = { ...which, changes: changesOf(options), by: operatorName() };
  const trouble = 'It is not known whether the quotas were set';
  const question = { subject: subjects.setQuotas, data, trouble, next: NEXT };
  const answer = setQuotasAnswerSchema.parse(
    await askRuntime(folderOf(options, around), question, around),
  );
  if ('refused' in answer) {
    const { message, next } = answer.refused;
    throw new Trouble(message, { next, exitCode: exitCodes.refused });
  }
  print(answer.tenant, options, around);
  return exitCodes.ok;
}

async function tenantsOf(
  options: TenantsOptions,
  around: Surroundings,
  tenant?: string,
): Promise<readonly TenantView[]> {
  const data = { tenant };
  const question = {
    ...{ subject: subjects.listTenants, data },
    ...{ trouble: 'The tenants are not known', next: NEXT },
  };
  const answer = await askRuntime(folderOf(options, around), question, around);
  return listTenantsAnswerSchema.parse(answer).tenants;
}

function print(tenant: TenantView, { json }: TenantsOptions, { terminal }: Surroundings): void {
  if (json === true) terminal.printJson(tenant);
  else renderTenant(tenant).forEach(terminal.print);
}

function folderOf({ data }: TenantsOptions, { config }: Surroundings): string {
  return resolve(data ?? config.dataFolder);
}
