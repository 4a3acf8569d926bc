import type { FoundModel, Model, ModelProvider } from './model.port.js';
import type { ModelEntry, Registry } from '../registry/registry.config.js';
import { providerOf } from '../registry/provider-of.js';
import type { CurrentRegistry } from '../registry/registry-source.js';
import { isFor, visibleTo } from '../registry/tenants.js';

/** A model together with what is its provider's. */
export interface CataloguedModel extends FoundModel {
  /** `ModelProvider.overheadBytes`. */
  readonly overheadBytes: number;
  /** What fails together: the prefix of the provider, an endpoint of it, or the model's own id. */
  readonly circuit: string;
  /** Whether it reads the descriptions of tools in short. Default: false. */
  readonly readsShort?: boolean;
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

  /**
   * Undefined for an unknown id, for one whose entry in the registry is wrong, and for one that is not the tenant's.
   * The registry's price and sizes win over the provider's. Without a tenant all models are there.
   */
  async find(id: string, tenant?: string): Promise<CataloguedModel | undefined> {
    const { models, refused } = this.seenBy(tenant);
    const prefix = prefixOf(id);
    if (refusalOf(id, refused) !== undefined) return undefined;
    const provider = this.providers.get(prefix);
    const found = await provider?.find(nameOf(id));
    if (provider === undefined || found === undefined) return undefined;
    // What has no price but for its entry is refused for that, as if there were no entry.
    if (this.isKept(id, tenant) && found.price !== undefined) return undefined;
    const { overheadBytes, failsApart = false } = provider;
    const circuit = found.circuit ?? (failsApart ? id : prefix);
    return { ...asListed(found, models[id]), overheadBytes, circuit, ...offerOf(models[id]) };
  }

  /** Tells a caller why `find` knows no such model, and what it may name instead. */
  explainUnknown(id: string, tenant?: string): string {
    const { models, refused } = this.seenBy(tenant);
    const leftOut = refusalOf(id, refused);
    if (leftOut !== undefined) return `The model ${id} is left out of the registry: ${leftOut}.`;
    const provider = this.providers.get(prefixOf(id));
    const fault = this.isKept(id, tenant) ? undefined : provider?.faultOf?.(nameOf(id));
    const absence = provider?.absence ?? fault;
    const there = [...this.providers.values()].filter((provider) => provider.absence === undefined);
    const prefixes = there.map(({ prefix }) => `${prefix}:<name>`);
    const known = [...prefixes, ...Object.keys(models)].join(', ');
    return `There is no model ${id}${absence === undefined ? '' : `: ${absence}`}; known: ${known}.`;
  }

  private seenBy(tenant: string | undefined): Registry {
    const { current } = this.registry;
    return tenant === undefined ? current : visibleTo(current, tenant);
  }

  /** Whether the registry keeps it from the tenant. */
  private isKept(id: string, tenant: string | undefined): boolean {
    return tenant !== undefined && !isFor(this.registry.current, `models.${id}`, tenant);
  }
}

/** Also of a provider whose limits can't be read: without them its models would be called without end. */
function refusalOf(id: string, refused: Registry['refused']): string | undefined {
  const provider = `providers.${providerOf(id)}`;
  const ofProvider = refused[provider];
  const whole = ofProvider === undefined ? undefined : `${provider}: ${ofProvider}`;
  return refused[`models.${id}`] ?? whole;
}

/** Asks for strict tools, where the entry does. */
function inFormat(model: Model, entry: ModelEntry | undefined): Model {
  if (entry?.toolFormat !== 'strict') return model;
  const toolFormat = 'strict' as const;
  return {
    call: (request, signal, onText) => model.call({ ...request, toolFormat }, signal, onText),
  };
}

function offerOf(entry: ModelEntry | undefined): Pick<CataloguedModel, 'readsShort'> {
  return entry?.offer === 'short' ? { readsShort: true } : {};
}

function asListed(found: FoundModel, entry: ModelEntry | undefined): FoundModel {
  return {
    ...found,
    model: inFormat(found.model, entry),
    price: entry?.price ?? found.price,
    defaultMaxTokens: entry?.maxTokens ?? found.defaultMaxTokens,
    contextTokens: entry?.contextTokens ?? found.contextTokens,
    sees: entry?.sees ?? found.sees ?? false,
  };
}

function prefixOf(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf(':')));
}

function nameOf(id: string): string {
  return id.slice(prefixOf(id).length + 1);
}
