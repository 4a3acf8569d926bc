import { splitToolName } from '@skynet/contracts';
import { shippedStrategies } from '../strategies/shipped/table.js';
import { closeName } from './entries/close-name.js';
import { readEntry, type Mistake, type ReadEntry } from './entries/entry-reader.js';
import { instructionsFile, readInstructions } from './templates/instructions.js';
import {
  TEMPLATE_NAME,
  templateSchema,
  WRONG_NAME,
  type TemplateEntry,
} from './templates/template-entry.js';
import { placeholderMistakes } from './templates/placeholders.js';

export interface ReadTemplate extends ReadEntry<TemplateEntry> {
  /** File of its instructions. */
  readonly file?: string;
}

/** Reads a template; instructions that name a file are replaced by its text. */
export function readTemplate(name: string, given: unknown, folder: string): ReadTemplate {
  if (!TEMPLATE_NAME.test(name)) return { mistakes: [{ ...WRONG_NAME, path: [] }] };
  const read = readEntry(templateSchema, given);
  const { entry, mistakes } = read;
  const file = entry && instructionsFile(entry.instructions, folder);
  if (entry === undefined) return read;
  if (file === undefined) return withPlaceholders(entry, mistakes);
  try {
    return {
      ...withPlaceholders({ ...entry, instructions: readInstructions(file) }, mistakes),
      file,
    };
  } catch (error) {
    const cause = `${entry.instructions}: ${error instanceof Error ? error.message : String(error)}`;
    const next = 'Name a file from the folder of the registry, or write the text itself.';
    const noFile: Mistake = { path: ['instructions'], cause, next, severity: 'refused' };
    return { mistakes: [...mistakes, noFile], file };
  }
}

function withPlaceholders(
  entry: TemplateEntry,
  mistakes: readonly Mistake[],
): ReadEntry<TemplateEntry> {
  return { entry, mistakes: [...mistakes, ...placeholderMistakes(entry)] };
}

/** A strategy that is neither shipped nor of the registry refuses each spawn. */
export function strategyMistakes(
  { strategy }: Pick<TemplateEntry, 'strategy'>,
  own: readonly string[],
): Mistake[] {
  if (strategy === undefined) return [];
  const known = [...shippedStrategies.keys(), ...own];
  if (known.includes(strategy.name)) return [];
  const cause = `there is no strategy ${strategy.name}`;
  const next = `Known strategies: ${known.join(', ')}.`;
  return [{ path: ['strategy', 'name'], cause, next, severity: 'refused' }];
}

/** Grants of a template that no server can fill. */
export function grantMistakes(
  { tools = [] }: Pick<TemplateEntry, 'tools'>,
  servers: readonly string[],
  refused: Readonly<Record<string, string>>,
): Mistake[] {
  return tools.flatMap((grant, index): Mistake[] => {
    const { server } = splitToolName(grant);
    if (servers.includes(server)) return [];
    const why = refused[`servers.${server}`];
    const meant = closeName(server, servers);
    const known = servers.join(', ') || 'none';
    const mistake = { path: ['tools', index], severity: 'refused' as const };
    if (why !== undefined) {
      const next = 'Mend the server, or take the grant out.';
      return [{ ...mistake, cause: `the server ${server} is left out: ${why}`, next }];
    }
    const next = meant === undefined ? `Known servers: ${known}.` : `Did you mean ${meant}?`;
    return [{ ...mistake, cause: `there is no server ${server}`, next }];
  });
}
