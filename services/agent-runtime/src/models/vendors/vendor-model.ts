import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import type { Clock } from '@skynet/platform';
import type { KnownSecrets } from '../../secrets/known-secrets.js';
import {
  ModelError,
  type Model,
  type ModelAnswer,
  type ModelRequest,
  type OnText,
} from '../model.port.js';
import { IdleWatch } from '../wire/idle-watch.js';
import { WireTools } from '../wire/wire-tools.js';
import { callOptions } from './call-options.js';
import { PartReader } from './part-reader.js';
import type { MakeModel, Reach, Vendor } from './vendor.js';
import { modelErrorOf, refusesTemperature, type ErrorContext } from './vendor-errors.js';

/** Models that think send nothing meanwhile, and local ones are loaded first. */
const IDLE_MS = 300_000;
/** Names come from callers. */
const MAX_UNTEMPERED = 1_000;

/** What all models of one provider share. */
export interface ModelMeans {
  readonly vendor: Omit<Vendor, 'keyName'>;
  readonly clock: Clock;
  /** Silence after which an answer counts as cut off. Default: 300,000. */
  readonly idleMs?: number;
  readonly secrets: KnownSecrets;
  readonly make: () => Promise<MakeModel>;
  /** Prefixes and names of models that were found to refuse a temperature. */
  readonly untempered: Set<string>;
}

/** A model behind the language model specification of `@ai-sdk/provider`. */
export class VendorModel implements Model {
  private readonly vendorModel: string;

  constructor(
    private readonly name: string,
    private readonly means: ModelMeans,
    /** Fails when there is no key. `of`: the endpoint, where a vendor has several. */
    private readonly reach: () => Reach,
    of = '',
  ) {
    this.vendorModel = `${means.vendor.prefix}:${of}${name}`;
  }

  async call(request: ModelRequest, signal: AbortSignal, onText?: OnText): Promise<ModelAnswer> {
    const { clock, idleMs = IDLE_MS, vendor } = this.means;
    const { vendorModel } = this;
    const { fetch, ...reach } = this.reach();
    const tools = new WireTools(request, {
      maxChars: 64,
      startsWithLetter: true,
      strict: vendor.strict,
    });
    const reader = new PartReader({ vendorModel, request, tools, onText });
    const watch = new IdleWatch(clock, idleMs, fetch);
    const over = new AbortController();
    const abortSignal = AbortSignal.any([signal, watch.signal, over.signal]);
    try {
      const model = (await this.means.make())({ ...reach, fetch: watch.fetch }, this.name);
      const asked = callOptions(request, { vendor, vendorModel, tools });
      const parts = await this.open(model, { ...asked, abortSignal });
      for await (const part of parts) reader.take(part);
      abortSignal.throwIfAborted();
      return reader.answer();
    } catch (error) {
      const isBegun = watch.isAnswered;
      const usage = reader.usage();
      const counted = { usage, isUncounted: isBegun && usage === undefined };
      if (signal.aborted) throw new ModelError('given up', { retryable: false, ...counted });
      if (watch.signal.aborted) {
        throw new ModelError(`no sign of life for ${idleMs} ms`, { retryable: true, ...counted });
      }
      throw this.errorOf(error, { isBegun, usage });
    } finally {
      watch.end();
      // What was not read to its end is not read on.
      over.abort();
    }
  }

  private errorOf(error: unknown, known: Pick<ErrorContext, 'isBegun' | 'usage'>): ModelError {
    const { clock, secrets } = this.means;
    return modelErrorOf(error, { ...known, nowMs: clock.nowMs(), secrets });
  }

  private async open(
    model: LanguageModelV4,
    asked: LanguageModelV4CallOptions,
  ): Promise<ReadableStream<LanguageModelV4StreamPart>> {
    const { temperature, ...others } = asked;
    const { untempered } = this.means;
    const isKnown = untempered.has(this.vendorModel);
    try {
      return (await model.doStream(isKnown ? others : asked)).stream;
    } catch (error) {
      if (temperature === undefined || isKnown || !refusesTemperature(error)) throw error;
      if (untempered.size < MAX_UNTEMPERED) untempered.add(this.vendorModel);
      return (await model.doStream(others)).stream;
    }
  }
}
