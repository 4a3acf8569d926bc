import type { Clock, Resolve, Secret } from '@skynet/platform';
import type { ProviderEntry } from '../../registry/registry.config.js';
import type { CurrentRegistry } from '../../registry/registry-source.js';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import { WrittenKey } from '../../secrets/written-key.js';
import { ModelError, type FoundModel, type ModelProvider } from '../model.port.js';
import { AwsCredentials, type AwsKeys } from './aws-credentials.js';
import { GuardedReach } from './guarded-reach.js';
import { listContextOf, listPriceOf } from './list-prices.js';
import { loadedOnce } from './loaded-once.js';
import type { Reach, Vendor } from './vendor.js';
import { VendorModel } from './vendor-model.js';

/** Room for thinking, which counts as output. */
const MAX_TOKENS = 8_192;
/**
 * What vendors add to the texts of a request: some ten tokens for a message or tool, on top of texts that are counted in
 * bytes, which is several times their tokens.
 */
export const OVERHEAD_BYTES = 2_048;

export interface VendorOptions {
  readonly registry: CurrentRegistry;
  readonly clock: Clock;
  /** Absent: the registry may have one. */
  readonly apiKey?: Secret;
  /** Of a vendor whose requests may be signed. */
  readonly aws?: AwsKeys;
  /** Where `secret://name` of the key is found. Default: `/run/secrets`. */
  readonly secretsPath?: string;
  /** What is cut out of errors. Default: the key. */
  readonly secrets?: KnownSecrets;
  /** Silence after which an answer counts as cut off. */
  readonly idleMs?: number;
  /** Finds addresses. Default: the system's. */
  readonly resolve?: Resolve;
}

/** `<vendor>:<model>`: the models of one vendor, through its package for the specification of `@ai-sdk/provider`. */
export class VendorModels implements ModelProvider {
  readonly prefix: string;
  readonly overheadBytes = OVERHEAD_BYTES;
  private readonly key: WrittenKey | undefined;
  private readonly aws: AwsCredentials;
  private readonly secrets: KnownSecrets;
  private readonly guarded: GuardedReach;
  private readonly make;
  private readonly untempered = new Set<string>();

  constructor(
    private readonly vendor: Vendor,
    private readonly options: VendorOptions,
  ) {
    const { apiKey, aws = {}, secretsPath, secrets = new KnownSecrets() } = options;
    this.prefix = vendor.prefix;
    this.key = apiKey && new WrittenKey(apiKey, secretsPath);
    this.aws = new AwsCredentials(aws, secretsPath);
    this.secrets = secrets;
    this.learn(this.key?.current());
    this.guarded = new GuardedReach(vendor.prefix, { ...options, bounds: vendor.bounds });
    this.make = loadedOnce(vendor.load);
  }

  get absence(): string | undefined {
    const reach = this.reach();
    return 'absence' in reach ? reach.absence : undefined;
  }

  /** Takes every name: the vendor is the one who knows, and a name without a price is refused before. */
  find(name: string): FoundModel | undefined {
    if (this.absence !== undefined) return undefined;
    const { vendor, options, secrets, make, untempered } = this;
    const { clock, idleMs } = options;
    const means = { vendor, clock, idleMs, secrets, make, untempered };
    const { url } = this;
    return {
      model: new VendorModel(name, means, () => this.requiredReach()),
      price: listPriceOf(vendor.prefix, name) ?? this.entry.price,
      ...(url !== undefined && { url }),
      defaultMaxTokens: MAX_TOKENS,
      contextTokens: this.entry.contextTokens ?? listContextOf(vendor.prefix, name),
      sees: vendor.sees(name),
    };
  }

  private get entry(): ProviderEntry {
    return this.options.registry.current.providers[this.prefix] ?? {};
  }

  private requiredReach(): Reach {
    const reach = this.reach();
    if ('absence' in reach) throw new ModelError(reach.absence, { retryable: false });
    this.learn(reach.apiKey);
    const { region: _region, ...secrets } = reach.signing ?? {};
    Object.values(secrets).forEach((secret) => this.learn(secret));
    return reach;
  }

  private get url(): string | undefined {
    const { region } = this.aws;
    return this.entry.url ?? this.vendor.url ?? (region && this.vendor.urlIn?.(region));
  }

  private learn(key: unknown): void {
    if (typeof key === 'string') this.secrets.know([key]);
  }

  private reach(): Reach | { readonly absence: string } {
    const { prefix } = this.vendor;
    const { headers = {}, ...entry } = this.entry;
    const means = this.means();
    if ('absence' in means) return means;
    const { url } = this;
    if (url === undefined) return { absence: `providers.${prefix}.url is missing in the registry` };
    const fetch = this.guarded.fetchTo({ ...entry, url });
    return { baseURL: url, ...means, headers, fetch };
  }

  /** A key, else what requests are signed with. */
  private means(): Pick<Reach, 'apiKey' | 'signing'> | { readonly absence: string } {
    const { keyName, urlIn } = this.vendor;
    const apiKey = this.entry.apiKey ?? this.key?.current();
    if (typeof apiKey === 'string') return { apiKey };
    if (apiKey !== undefined) return { absence: apiKey.cause };
    if (urlIn === undefined || !this.aws.isMeant) return { absence: `${keyName} is not set` };
    const signing = this.aws.signing(this.url);
    return 'absence' in signing ? signing : { apiKey, signing };
  }
}
