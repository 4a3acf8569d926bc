import { faultOfServerName } from '@skynet/contracts';
import { readEntry, type Mistake, type ReadEntry } from './entries/entry-reader.js';
import { isObject } from './entries/placed-json.js';
import { serverSchema, type ServerEntry } from './registry.config.js';
import { serverForm } from './server-forms.js';
import { WITH_VARIABLES, withVariables, type ValueSources } from './entries/variables.js';

export interface ReadServer extends ReadEntry<ServerEntry> {
  /** The entry without the values of variables and secrets. */
  readonly written?: object;
  readonly isDisabled: boolean;
}

/** Reads a server entry of the registry, in our own form or in that of a README. */
export function readServer(name: string, given: unknown, sources: ValueSources): ReadServer {
  const fault = faultOfServerName(name);
  if (fault !== undefined) return { mistakes: [wrongName(fault)], isDisabled: false };
  const { raw, isDisabled, mistakes: ofForm } = serverForm(given);
  if (isDisabled) return { mistakes: ofForm, isDisabled };
  const { value, mistakes: ofVariables } = expanded(raw, sources);
  // A value that is missing would only show again as one that is wrong.
  if (ofVariables.length > 0) return { mistakes: [...ofForm, ...ofVariables], isDisabled };
  const { entry, mistakes: ofEntry } = readEntry(serverSchema, value);
  const mistakes = [...ofForm, ...ofEntry];
  if (entry === undefined) return { mistakes, isDisabled };
  return { entry, written: { ...entry, ...variablesIn(raw) }, mistakes, isDisabled };
}

function wrongName(fault: string): Mistake {
  const next = 'Give the server another name.';
  return { path: [], cause: `the name can not be used: ${fault}`, next, severity: 'refused' };
}

function expanded(raw: unknown, sources: ValueSources) {
  const { value, mistakes } = withVariables(variablesIn(raw), sources);
  return { value: isObject(raw) ? { ...raw, ...(value as object) } : raw, mistakes };
}

/** The fields in which variables may stand. */
function variablesIn(raw: unknown): Record<string, unknown> {
  if (!isObject(raw)) return {};
  const fields = WITH_VARIABLES.filter((key) => key in raw);
  return Object.fromEntries(fields.map((key) => [key, raw[key]]));
}
