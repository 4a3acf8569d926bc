import { Anthropic, BadRequestError } from '@anthropic-ai/sdk';
import { outboundFetch, OutboundGuard, type Clock, type Resolve } from '@skynet/platform';
import type { AgentRuntimeConfig } from '../../config/agent-runtime.config.js';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import { WrittenKey } from '../../secrets/written-key.js';
import {
  ModelError,
  type FoundModel,
  type Model,
  type ModelAnswer,
  type ModelProvider,
  type ModelRequest,
  type OnText,
} from '../model.port.js';
import { modelErrorOf } from './anthropic-errors.js';
import { boundedFetch } from '../wire/bounded-fetch.js';
import { IdleWatch } from '../wire/idle-watch.js';
import { messageParams, type Params } from './message-params.js';
import { MessageReader } from './message-reader.js';
import { listContextOf, listPriceOf } from './prices.js';
import { WireTools, type WireRules } from '../wire/wire-tools.js';

export const ANTHROPIC = 'anthropic';

/** The SDK's own default. */
const API = 'https://api.anthropic.com';

/** Room for thinking, which counts as output and is on by default on newer models. */
const MAX_TOKENS = 8_192;
/** Names come from callers. */
const MAX_UNTEMPERED = 1_000;
/** Models before the third generation take no images. */
const BLIND = /^claude-(?:instant|[12]\b)/;
/** The API sends a ping every few seconds. */
const IDLE_MS = 60_000;
/**
 * What the API adds to a prompt with tools: 530 tokens at most in the table of
 * docs.anthropic.com/en/docs/tool-use-pricing-and-tokens; about four times that, for models to come and for the frame
 * of the messages. Our own texts are counted in bytes, which is several times their tokens.
 */
const OVERHEAD_BYTES = 2_048;

/** Limits of strict tools: platform.claude.com/docs/en/build-with-claude/structured-outputs. */
const WIRE_RULES: WireRules = {
  maxChars: 128,
  startsWithLetter: false,
  strict: { optional: 'kept', most: { tools: 20, optional: 24, unions: 16 } },
};

export interface AnthropicOptions extends Pick<
  NonNullable<AgentRuntimeConfig['anthropic']>,
  'apiKey' | 'baseUrl' | 'allowPrivate'
> {
  readonly clock: Clock;
  /** Silence after which an answer counts as cut off. Default: 60,000. */
  readonly idleMs?: number;
  /** Where `secret://name` of the key is found. Default: `/run/secrets`. */
  readonly secretsPath?: string;
  /** What is cut out of errors. Default: the key. */
  readonly secrets?: KnownSecrets;
  /** Finds addresses. Default: the system's. */
  readonly resolve?: Resolve;
}

/** `anthropic:<model>`: the models of Anthropic's Messages API. */
export class AnthropicModels implements ModelProvider {
  readonly prefix = ANTHROPIC;
  readonly overheadBytes = OVERHEAD_BYTES;
  private readonly send: typeof fetch;
  private readonly key: WrittenKey;
  private readonly secrets: KnownSecrets;
  private latest: { readonly key: string; readonly client: Anthropic } | undefined;
  /** Models that were found to refuse a temperature. */
  private readonly untempered = new Set<string>();

  constructor(private readonly options: AnthropicOptions) {
    this.send = guardedFetch(options);
    this.key = new WrittenKey(options.apiKey, options.secretsPath);
    this.secrets = options.secrets ?? new KnownSecrets();
  }

  private get url(): string {
    return this.options.baseUrl ?? API;
  }

  get absence(): string | undefined {
    const key = this.key.current();
    return typeof key === 'string' ? undefined : key.cause;
  }

  /** Takes every name: the API is the one who knows, and a name without a price is refused before. */
  find(name: string): FoundModel | undefined {
    if (this.absence !== undefined) return undefined;
    const { send, untempered, secrets, options } = this;
    const client = () => this.client();
    const model = new AnthropicModel(name, { ...options, client, send, untempered, secrets });
    return {
      model,
      price: listPriceOf(name),
      url: this.url,
      defaultMaxTokens: MAX_TOKENS,
      contextTokens: listContextOf(name),
      sees: !BLIND.test(name),
    };
  }

  private client(): Anthropic {
    const key = this.key.current();
    if (typeof key !== 'string') {
      throw new ModelError(`${key.cause}. ${key.next}`, { retryable: false });
    }
    this.secrets.know([key]);
    if (this.latest?.key !== key) this.latest = { key, client: this.clientWith(key) };
    return this.latest.client;
  }

  private clientWith(apiKey: string): Anthropic {
    return new Anthropic({
      apiKey,
      baseURL: this.url,
      // The runner retries: every try is in the log, and its budget is held.
      maxRetries: 0,
      logLevel: 'off',
    });
  }
}

interface ModelMeans extends Pick<AnthropicOptions, 'clock' | 'idleMs'> {
  /** Fails when there is no key. */
  readonly client: () => Anthropic;
  readonly send: typeof fetch;
  readonly untempered: Set<string>;
  readonly secrets: KnownSecrets;
}

class AnthropicModel implements Model {
  constructor(
    private readonly name: string,
    private readonly means: ModelMeans,
  ) {}

  async call(request: ModelRequest, signal: AbortSignal, onText?: OnText): Promise<ModelAnswer> {
    const { clock, idleMs = IDLE_MS, send, secrets } = this.means;
    const tools = new WireTools(request, WIRE_RULES);
    const reader = new MessageReader(this.name, { ...request, onText }, tools);
    const watch = new IdleWatch(clock, idleMs, send);
    const usage = () => reader.usage();
    try {
      const client = this.means.client().withOptions({ fetch: watch.fetch });
      const either = AbortSignal.any([signal, watch.signal]);
      const stream = await this.open(client, messageParams(this.name, request, tools), either);
      // An aborted stream ends as if it were over: only its last event tells.
      for await (const event of stream) take(reader, event);
      return reader.answer();
    } catch (error) {
      if (signal.aborted) {
        throw new ModelError('given up', { retryable: false, usage: usage(), cause: error });
      }
      if (watch.signal.aborted) {
        const message = `no sign of life for ${idleMs} ms`;
        throw new ModelError(message, { retryable: true, usage: usage(), cause: error });
      }
      throw modelErrorOf(error, { usage: usage(), nowMs: clock.nowMs(), secrets });
    } finally {
      watch.end();
    }
  }

  /** Newer models refuse a temperature, before they count anything; then the same is asked without. */
  private async open(client: Anthropic, params: Params, signal: AbortSignal) {
    const { temperature, ...others } = params;
    const { untempered } = this.means;
    const isKnown = untempered.has(this.name);
    try {
      return await client.messages.create(isKnown ? others : params, { signal });
    } catch (error) {
      const isRefused = error instanceof BadRequestError && /temperature/.test(error.message);
      if (temperature === undefined || isKnown || !isRefused) throw error;
      if (untempered.size < MAX_UNTEMPERED) untempered.add(this.name);
      return client.messages.create(others, { signal });
    }
  }
}

/** What a gateway invents may not be readable; asking again would be paid for again. */
function take(reader: MessageReader, event: Anthropic.RawMessageStreamEvent): void {
  try {
    reader.take(event);
  } catch (error) {
    const message = 'the answer can not be read';
    throw new ModelError(message, { retryable: false, usage: reader.usage(), cause: error });
  }
}

function guardedFetch({ baseUrl, allowPrivate, resolve }: AnthropicOptions): typeof fetch {
  const written = baseUrl === undefined ? [] : [baseUrl];
  const advice = 'set ANTHROPIC_ALLOW_PRIVATE=true if it may be reached';
  const guard = new OutboundGuard({ written, allowPrivate, advice, resolve });
  return boundedFetch(outboundFetch(guard));
}
