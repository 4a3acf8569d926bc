import { buckets, type ProvidersAnswer } from '@skynet/contracts';
import type { Clock, Logger, StateStore, StateStores } from '@skynet/platform';
import { providerOf } from '../../registry/provider-of.js';
import type { CurrentRegistry } from '../../registry/registry-source.js';
import type { AllowanceRecord, Amount, LimitsOfCall } from './allowance-record.js';
import { SharedAllowance } from './shared-allowance.js';

export interface SharedAllowancesOptions {
  readonly registry: CurrentRegistry;
  readonly states: Pick<StateStores, 'open'>;
  /** Names this process; never used again after it. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

const MAX_KEY_CHARS = 100;

/** The limits of all providers. Where there are none, nothing is opened. */
export class SharedAllowances {
  /** By the key of the record. */
  private readonly byProvider = new Map<string, SharedAllowance>();
  private opening: Promise<StateStore<AllowanceRecord>> | undefined;
  private stopWatching: (() => Promise<void>) | undefined;

  constructor(private readonly options: SharedAllowancesOptions) {}

  /** Undefined for a model that has no limit, nor its provider. */
  of(model: string): SharedAllowance | undefined {
    const { provider, model: own } = this.limitsOf(model);
    if (!isLimited(provider) && !isLimited(own)) return undefined;
    const key = keyOf(providerOf(model));
    let allowance = this.byProvider.get(key);
    if (allowance === undefined) {
      const store = () => this.opened();
      const limitsOf = (id: string) => this.limitsOf(id);
      allowance = new SharedAllowance({ ...this.options, provider: key, limitsOf, store });
      this.byProvider.set(key, allowance);
    }
    return allowance;
  }

  /**
   * All limits of the registry, and what counts against them.
   *
   * @throws WorldError when the store is away
   */
  async view(): Promise<ProvidersAnswer['limits']> {
    const { models, providers } = this.options.registry.current;
    const limited = [...Object.entries(providers), ...Object.entries(models)].map(
      async ([of, { limits }]) => {
        if (limits === undefined || !isLimited(limits)) return [];
        const isModel = Object.hasOwn(models, of);
        const granted = (await this.of(isModel ? of : `${of}:`)?.counting()) ?? [];
        const own = granted.filter(({ model }) => !isModel || model === of);
        const sum = (what: keyof Amount) => own.reduce((all, grant) => all + grant[what], 0);
        return [{ of, ...limits, requests: sum('requests'), tokens: sum('tokens') }];
      },
    );
    return (await Promise.all(limited)).flat();
  }

  async stop(): Promise<void> {
    await this.stopWatching?.();
    await Promise.all([...this.byProvider.values()].map((allowance) => allowance.stop()));
  }

  private limitsOf(model: string): LimitsOfCall {
    const { models, providers } = this.options.registry.current;
    return { provider: providers[providerOf(model)]?.limits, model: models[model]?.limits };
  }

  private opened(): Promise<StateStore<AllowanceRecord>> {
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async open(): Promise<StateStore<AllowanceRecord>> {
    const { bucket, ...options } = buckets.providerAllowances;
    const store = await this.options.states.open<AllowanceRecord>(bucket, options);
    this.stopWatching = await store.watch('', (key, entry) => {
      if (entry !== undefined) this.byProvider.get(key)?.see(entry);
    });
    return store;
  }
}

function isLimited(limits: LimitsOfCall['provider']): boolean {
  return limits?.requestsPerMinute !== undefined || limits?.tokensPerMinute !== undefined;
}

/** Of its record. Names in the registry may be of any form; those of providers that are called need no change. */
function keyOf(provider: string): string {
  return provider.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_KEY_CHARS) || '_';
}
