import type { Preference } from '@skynet/domain-agents';
import type { AutoEntry, Registry } from '../registry/registry.config.js';
import { isFor } from '../registry/tenants.js';

const AUTO = /^auto(?::(cost|balanced|quality))?$/;

/** Whether the id asks that a model be chosen. */
export function isAuto(id: string): boolean {
  return AUTO.test(id);
}

/** What `auto` chooses among for the tenant, as the id wants it; undefined for another id, and where it is the default model. */
export function autoFor(registry: Registry, id: string, tenant: string): AutoEntry | undefined {
  const { auto } = registry;
  const found = AUTO.exec(id);
  if (found === null || auto === undefined) return undefined;
  const models = auto.models.filter((model) => isFor(registry, `models.${model}`, tenant));
  const preference = (found[1] as Preference | undefined) ?? auto.preference;
  return { ...auto, models: [...new Set(models)], preference };
}
