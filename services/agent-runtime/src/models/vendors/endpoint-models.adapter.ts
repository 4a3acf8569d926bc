import { KnownSecrets } from '../../secrets/known-secrets.js';
import type { ProviderEntry } from '../../registry/registry.config.js';
import { ModelError, type FoundModel, type ModelProvider } from '../model.port.js';
import { GuardedReach } from './guarded-reach.js';
import { loadedOnce } from './loaded-once.js';
import type { Reach } from './vendor.js';
import { VendorModel } from './vendor-model.js';
import { OVERHEAD_BYTES, type VendorOptions } from './vendor-models.adapter.js';
import { compatible } from './vendor-table.js';

/** Contexts of local models are often no longer than a few thousand tokens. */
const MAX_TOKENS = 4_096;

type EndpointEntry = ProviderEntry & { readonly url: string };

/** `openai-compatible:<endpoint>/<model>`: endpoints that `providers` of the registry gives a URL. */
export class EndpointModels implements ModelProvider {
  readonly prefix = compatible.prefix;
  readonly overheadBytes = OVERHEAD_BYTES;
  private readonly secrets: KnownSecrets;
  private readonly guarded = new Map<string, GuardedReach>();
  private readonly make = loadedOnce(compatible.load);
  private readonly untempered = new Set<string>();

  constructor(
    private readonly options: Omit<VendorOptions, 'apiKey' | 'secretsPath'>,
    /** Names in `providers` that are no endpoints. */
    private readonly others: readonly string[],
  ) {
    this.secrets = options.secrets ?? new KnownSecrets();
  }

  get absence(): string | undefined {
    return this.endpoints.length > 0
      ? undefined
      : 'no entry of providers in the registry has a url';
  }

  faultOf(name: string): string | undefined {
    const [endpoint, model] = split(name);
    if (model !== '' && this.entryOf(endpoint) !== undefined) return undefined;
    if (model === '') return 'an endpoint and its model are named, as in ollama/qwen3:8b';
    const known = this.endpoints.join(', ');
    return `providers.${endpoint} of the registry has no url; those that have one: ${known}`;
  }

  find(name: string): FoundModel | undefined {
    const [endpoint, model] = split(name);
    const entry = this.entryOf(endpoint);
    if (entry === undefined || model === '') return undefined;
    const { options, secrets, make, untempered } = this;
    const { clock, idleMs } = options;
    const means = { vendor: compatible, clock, idleMs, secrets, make, untempered };
    return {
      model: new VendorModel(model, means, () => this.reach(endpoint), `${endpoint}/`),
      price: entry.price,
      url: entry.url,
      defaultMaxTokens: MAX_TOKENS,
      contextTokens: entry.contextTokens,
      circuit: `${this.prefix}:${endpoint}`,
    };
  }

  private get endpoints(): string[] {
    const names = Object.keys(this.options.registry.current.providers);
    return names.filter((name) => this.entryOf(name) !== undefined);
  }

  private entryOf(endpoint: string): EndpointEntry | undefined {
    const { providers } = this.options.registry.current;
    if (this.others.includes(endpoint) || !Object.hasOwn(providers, endpoint)) return undefined;
    const { url, ...entry } = providers[endpoint] ?? {};
    return url === undefined ? undefined : { ...entry, url };
  }

  private reach(endpoint: string): Reach {
    const entry = this.entryOf(endpoint);
    if (entry === undefined) {
      const gone = `providers.${endpoint} is not in the registry any more`;
      throw new ModelError(gone, { retryable: false });
    }
    const { url, apiKey, headers = {} } = entry;
    this.secrets.know([apiKey ?? '']);
    const guarded =
      this.guarded.get(endpoint) ?? new GuardedReach(endpoint, { resolve: this.options.resolve });
    this.guarded.set(endpoint, guarded);
    return { baseURL: url, apiKey, headers, fetch: guarded.fetchTo(entry) };
  }
}

/** Names of models have slashes of their own. */
function split(name: string): [endpoint: string, model: string] {
  const at = name.indexOf('/');
  return at === -1 ? [name, ''] : [name.slice(0, at), name.slice(at + 1)];
}
