import type { Logger } from '@skynet/platform';
import type { ModelCatalogue } from '../models/model-catalogue.js';
import type { Registry } from '../registry/registry.config.js';

type Models = Pick<ModelCatalogue, 'find' | 'explainUnknown'>;

/** A model for summaries that can not write any; agents then write their own. */
export interface AbsentSummariser {
  /** Keys of the registry that lead to its name. */
  readonly place: readonly string[];
  readonly cause: string;
}

/** Each that is named, and is not there or has no price. */
export async function absentSummarisers(
  { compactionModel, models, templates, refused }: Registry,
  known: Models,
): Promise<readonly AbsentSummariser[]> {
  const named = [
    { place: ['compactionModel'], id: compactionModel },
    ...Object.entries(models).map(([id, entry]) => ({
      place: ['models', id, 'compactionModel'],
      id: entry.compactionModel,
    })),
    ...Object.entries(templates).map(([name, entry]) => ({
      place: ['templates', name, 'compactionModel'],
      id: entry.compactionModel,
    })),
  ];
  const absent: AbsentSummariser[] = [];
  for (const { place, id } of named) {
    if (id === undefined || place.slice(0, 2).join('.') in refused) continue;
    const cause = await causeOf(id, known);
    if (cause !== undefined) absent.push({ place, cause });
  }
  return absent;
}

/** One line in the log for each. */
export async function reportSummarisers(
  registry: Registry,
  known: Models,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  for (const { place, cause } of await absentSummarisers(registry, known)) {
    const path = place.join('.');
    log.warn('a model for summaries is not there: agents write their own', { path, cause });
  }
}

async function causeOf(id: string, models: Models): Promise<string | undefined> {
  try {
    const found = await models.find(id);
    if (found === undefined) return models.explainUnknown(id).replace(/\.$/, '');
    return found.price === undefined ? `the price of ${id} is unknown` : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
