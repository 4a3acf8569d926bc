import { strictFitOf } from '../models/wire/wire-tools.js';
import type { Findings } from '../registry/entries/findings.js';
import type { Registry } from '../registry/registry.config.js';
import { builtInTools } from '../tools/built-in-tools.js';

/** Says once which of our own tools stay as they are for models that are asked with strict ones. */
export function checkStrict({ models, refused }: Registry, findings: Findings): void {
  const id = Object.keys(models).find(
    (each) => models[each]?.toolFormat === 'strict' && !(`models.${each}` in refused),
  );
  if (id === undefined) return;
  const all = { maySpawn: true, hasParent: true, hasResults: true, hasNotes: true };
  const free = builtInTools(all).flatMap((tool) => {
    const reason = strictFitOf(tool);
    return typeof reason === 'string' ? [`${tool.name} (${reason})`] : [];
  });
  if (free.length === 0) return;
  const cause = `not every tool can be strict, and these are offered as they are: ${free.join(', ')}`;
  const next =
    'Nothing needs to be done; so it is with tools of servers, which are not looked at here.';
  findings.add(['models', id, 'toolFormat'], { path: [], cause, next, severity: 'warning' });
}
