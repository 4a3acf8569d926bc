import type { AgentSpec } from '@skynet/contracts';
import type { ModelCatalogue } from '../models/model-catalogue.js';
import type { Registry } from '../registry/registry.config.js';
import type { TemplateEntry } from '../registry/templates/template-entry.js';

/** Nothing where no other model writes summaries, or the one that is named is not there or has no price. */
export async function compactionParts(
  models: Pick<ModelCatalogue, 'find'>,
  { registry, entry, modelId, tenant }: CompactionWish,
): Promise<Pick<AgentSpec, 'compactionModel'>> {
  const id = nameOf(registry, entry, modelId);
  if (id === undefined || id === modelId) return {};
  const found = await models.find(id, tenant);
  const { price, defaultMaxTokens: maxTokens, contextTokens } = found ?? {};
  if (price === undefined || maxTokens === undefined) return {};
  const window = contextTokens === undefined ? {} : { contextTokens };
  return { compactionModel: { id, maxTokens, price, ...window } };
}

interface CompactionWish {
  readonly registry: Registry;
  readonly entry: TemplateEntry | undefined;
  /** Of the agent's own model. */
  readonly modelId: string;
  readonly tenant: string;
}

function nameOf(
  { models, compactionModel }: Registry,
  entry: TemplateEntry | undefined,
  modelId: string,
): string | undefined {
  const ofModel = Object.hasOwn(models, modelId) ? models[modelId]?.compactionModel : undefined;
  return entry?.compactionModel ?? ofModel ?? compactionModel;
}
