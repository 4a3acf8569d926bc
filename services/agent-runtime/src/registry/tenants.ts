import { splitToolName } from '@skynet/contracts';
import { isObject } from './entries/placed-json.js';
import type { Registry } from './registry.config.js';

type Raw = Readonly<Record<string, unknown>>;
type Sections = Pick<Registry, 'models' | 'servers' | 'templates' | 'refused'>;

/**
 * Tenants of the entries that are not for all, by `servers.<name>`, `models.<name>`, `templates.<name>`, also of entries
 * that are left out. A template is for those who may use all that it names. A list that is wrong is for nobody.
 *
 * @param ofFiles what templates of files of their own name, by name; of one that is undefined nobody knows it
 */
export function allowLists(raw: Raw, ofFiles: Raw = {}): Registry['tenants'] {
  const servers = { ...sectionOf(raw, 'mcpServers'), ...sectionOf(raw, 'servers') };
  const lists = { ...listsOf('servers', servers), ...listsOf('models', sectionOf(raw, 'models')) };
  const isForAll = Object.keys(lists).length === 0;
  for (const [name, template] of Object.entries({ ...ofFiles, ...sectionOf(raw, 'templates') })) {
    // It may name what is not for all.
    if (template === undefined && !isForAll) lists[`templates.${name}`] = [];
    const [first, ...others] = namedBy(template).flatMap((entry) => {
      const list = lists[entry];
      return list === undefined ? [] : [list];
    });
    if (first === undefined) continue;
    const mayUseAll = (tenant: string) => others.every((list) => list.includes(tenant));
    lists[`templates.${name}`] = first.filter(mayUseAll);
  }
  return lists;
}

/** Whether a tenant may use the entry, as `servers.files`; one that is not there is kept from nobody. */
export function isFor({ tenants }: Registry, entry: string, tenant: string): boolean {
  const list = Object.hasOwn(tenants, entry) ? tenants[entry] : undefined;
  return list === undefined || list.includes(tenant);
}

/** The registry without what is not for the tenant, as if it had never been there. */
export function visibleTo(registry: Registry, tenant: string): Registry {
  if (Object.keys(registry.tenants).length === 0) return registry;
  const only = <Key extends keyof Sections>(
    section: Key,
    prefix = `${section}.`,
  ): Sections[Key] => {
    const seen = Object.entries(registry[section]).filter(([name]) =>
      isFor(registry, `${prefix}${name}`, tenant),
    );
    return Object.fromEntries(seen);
  };
  return {
    ...registry,
    models: only('models'),
    servers: only('servers'),
    templates: only('templates'),
    refused: only('refused', ''),
  };
}

function sectionOf(raw: Raw, key: string): Raw {
  const section = raw[key];
  return isObject(section) ? section : {};
}

function listsOf(section: string, entries: Raw): Record<string, readonly string[]> {
  const listed = Object.entries(entries).flatMap(([name, entry]) =>
    isObject(entry) && entry['tenants'] !== undefined
      ? [[`${section}.${name}`, tenantsIn(entry['tenants'])] as const]
      : [],
  );
  return Object.fromEntries(listed);
}

function tenantsIn(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.every((each) => typeof each === 'string') ? value : [];
}

/** Servers and model of a template. */
function namedBy(template: unknown): string[] {
  if (!isObject(template)) return [];
  const { tools, model } = template;
  const grants = (Array.isArray(tools) ? tools : []).filter((each) => typeof each === 'string');
  const id = isObject(model) && typeof model['id'] === 'string' ? [model['id']] : [];
  return [
    ...grants.map((grant) => `servers.${splitToolName(grant).server}`),
    ...id.map((name) => `models.${name}`),
  ];
}
