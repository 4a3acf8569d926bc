import type { FoundModel, ModelProvider } from './model.port.js';
import type { CurrentRegistry } from '../registry/registry-source.js';

/** A model together with the provider's constant of `ModelProvider.overheadBytes`. */
export interface CataloguedModel extends FoundModel {
  readonly overheadBytes: number;
}

/** Every model that an agent of this system can run on. */
export class ModelCatalogue {
  private readonly providers: ReadonlyMap<string, ModelProvider>;

  constructor(
    providers: readonly ModelProvider[],
    private readonly registry: CurrentRegistry,
  ) {
    this.providers = new Map(providers.map((provider) => [provider.prefix, provider]));
  }

  /** Undefined for an unknown id, and for one whose entry in the registry is wrong. What the registry says wins over the provider's. */
  async find(id: string): Promise<CataloguedModel | undefined> {
    if (this.whyLeftOut(id) !== undefined) return undefined;
    const prefix = prefixOf(id);
    const provider = this.providers.get(prefix);
    const found = await provider?.find(nameOf(id));
    if (provider === undefined || found === undefined) return undefined;
    return { ...this.asWritten(id, found), overheadBytes: provider.overheadBytes };
  }

  private asWritten(id: string, found: FoundModel): FoundModel {
    const entry = this.registry.current.models[id];
    return {
      model: found.model,
      price: entry?.price ?? found.price,
      defaultMaxTokens: entry?.maxTokens ?? found.defaultMaxTokens,
      sees: entry?.sees ?? found.sees ?? false,
    };
  }

  /** Tells a caller why `find` knows no such model, and what it may name instead. */
  explainUnknown(id: string): string {
    const leftOut = this.whyLeftOut(id);
    if (leftOut !== undefined) return `The model ${id} is left out of the registry: ${leftOut}.`;
    const provider = this.providers.get(prefixOf(id));
    const absence = provider?.absence ?? provider?.faultOf?.(nameOf(id));
    const there = [...this.providers.values()].filter((provider) => provider.absence === undefined);
    const prefixes = there.map(({ prefix }) => `${prefix}:<name>`);
    const known = [...prefixes, ...Object.keys(this.registry.current.models)].join(', ');
    return `There is no model ${id}${absence === undefined ? '' : `: ${absence}`}; known: ${known}.`;
  }

  private whyLeftOut(id: string): string | undefined {
    return this.registry.current.refused[`models.${id}`];
  }
}

function prefixOf(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf(':')));
}

function nameOf(id: string): string {
  return id.slice(prefixOf(id).length + 1);
}
