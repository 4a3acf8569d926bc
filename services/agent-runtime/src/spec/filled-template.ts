import type { SpawnArguments } from '@skynet/contracts';
import { isRefused, type Refused } from '@skynet/kernel';
import type { Registry } from '../registry/registry.config.js';
import type { TemplateEntry } from '../registry/templates/template-entry.js';
import { refused } from './refused.js';
import { fillTemplate, strayArguments } from './template-arguments.js';

export interface FilledTemplate extends Partial<Pick<TemplateEntry, 'instructions' | 'task'>> {
  readonly entry?: TemplateEntry;
}

function templateOf(registry: Registry, name: string): TemplateEntry | Refused {
  const known = registry.templates;
  const template = Object.hasOwn(known, name) ? known[name] : undefined;
  if (template !== undefined) return template;
  const why = registry.refused[`templates.${name}`];
  const names = Object.keys(known).join(', ') || 'none';
  return refused(
    'UNKNOWN_TEMPLATE',
    why === undefined
      ? `There is no template ${name}; known: ${names}.`
      : `The template ${name} is left out of the registry: ${why}.`,
  );
}

/** The template that is named, if one is, and its texts as they are for these arguments. */
export function filledTemplate(
  registry: Registry,
  { template: name, arguments: given }: SpawnArguments,
): FilledTemplate | Refused {
  if (name === undefined) return strayArguments(given) ?? {};
  const entry = templateOf(registry, name);
  if (isRefused(entry)) return entry;
  const filled = fillTemplate(name, entry, given);
  return isRefused(filled) ? filled : { entry, ...filled };
}

/** What the template says of the task stands before what the caller says. */
export function taskOf(
  { task }: SpawnArguments,
  before: string | undefined,
): SpawnArguments['task'] {
  if (before === undefined) return task;
  return { ...task, description: `${before}\n\n${task.description}` };
}
