import { isGranted, type SpawnedAgent } from '@skynet/domain-agents';
import type { CurrentRegistry } from '../registry/registry-source.js';
import { lineOf } from '../registry/template-views.js';
import { isRequired, type TemplateEntry } from '../registry/templates/template-entry.js';
import { visibleTo } from '../registry/tenants.js';

const MAX_BYTES = 2 * 1_024;
const HEAD = '\nTemplates, with their arguments (? may be left out):';

/** The templates that the agent may name for those below it, one a line, by name; empty when there are none. */
export function namedTemplates({ spawned }: SpawnedAgent, { current }: CurrentRegistry): string {
  const { tenant, spec } = spawned;
  const { templates } = visibleTo(current, tenant);
  const mayName = ({ tools = [] }: TemplateEntry) =>
    tools.every((tool) => isGranted(spec.tools, tool));
  const lines = Object.entries(templates)
    .filter(([, template]) => mayName(template))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, template]) => `\n${name}${argumentsOf(template)}: ${lineOf(template)}`);
  if (lines.length === 0) return '';
  let left = MAX_BYTES - Buffer.byteLength(HEAD);
  const fitting = lines.filter((line) => (left -= Buffer.byteLength(line)) >= 0);
  return HEAD + fitting.join('');
}

/** `(question, depth?)` */
function argumentsOf({ arguments: declared = [] }: TemplateEntry): string {
  const names = declared.map((each) => (isRequired(each) ? each.name : `${each.name}?`));
  return names.length === 0 ? '' : `(${names.join(', ')})`;
}
