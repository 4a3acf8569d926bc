import type { ListedStrategy } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';

const WIDTH = 200;

/** A line for each strategy; of one also its parameters. */
export function renderStrategies(
  all: readonly ListedStrategy[],
  { isOne }: { readonly isOne: boolean },
): string[] {
  if (isOne) return all.flatMap(details);
  const rows = all.map(({ name, about, parameters }) => [
    name,
    about,
    parameters.map((parameter) => parameter.name).join(', '),
  ]);
  const titles = ['STRATEGY', 'WHAT IT DOES', 'PARAMETERS'].map((title) => ({ title }));
  return renderTable(titles, rows);
}

function details({ name, about, parameters }: ListedStrategy): string[] {
  const lines = parameters.map((parameter) => {
    const { default: standard } = parameter;
    const text = typeof standard === 'string' ? standard : JSON.stringify(standard);
    const known = standard === undefined ? '' : ` (default: ${text})`;
    return `  ${oneLine(`${parameter.name}: ${parameter.about}${known}`, WIDTH)}`;
  });
  return [oneLine(`${name}: ${about}`, WIDTH), ...lines];
}
