import { Anthropic } from '@anthropic-ai/sdk';
import type { Clock } from '@skynet/platform';
import type { AgentRuntimeConfig } from '../../agent-runtime.config.js';
import {
  ModelError,
  type FoundModel,
  type Model,
  type ModelAnswer,
  type ModelProvider,
  type ModelRequest,
} from '../model.port.js';
import { modelErrorOf } from './anthropic-errors.js';
import { IdleWatch } from './idle-watch.js';
import { messageParams } from './message-params.js';
import { MessageReader } from './message-reader.js';
import { listPriceOf } from './prices.js';
import { ToolNames } from './tool-names.js';

export const ANTHROPIC = 'anthropic';

/** Room for thinking, which counts as output and is on by default on newer models. */
const MAX_TOKENS = 8_192;
/** The API sends a ping every few seconds. */
const IDLE_MS = 60_000;
/**
 * What the API adds to a prompt with tools: 530 tokens at most in the table of
 * docs.anthropic.com/en/docs/tool-use-pricing-and-tokens; about four times that, for models to come and for the frame
 * of the messages. Our own texts are counted in bytes, which is several times their tokens.
 */
const OVERHEAD_BYTES = 2_048;

export interface AnthropicOptions extends Pick<
  NonNullable<AgentRuntimeConfig['anthropic']>,
  'apiKey' | 'baseUrl'
> {
  readonly clock: Clock;
  /** Silence after which an answer counts as cut off. Default: 60,000. */
  readonly idleMs?: number;
}

/** `anthropic:<model>`: the models of Anthropic's Messages API. */
export class AnthropicModels implements ModelProvider {
  readonly prefix = ANTHROPIC;
  readonly overheadBytes = OVERHEAD_BYTES;
  private readonly client: Anthropic;

  constructor(private readonly options: AnthropicOptions) {
    this.client = new Anthropic({
      apiKey: options.apiKey.reveal(),
      baseURL: options.baseUrl ?? null,
      // The runner retries: every try is in the log, and its budget is held.
      maxRetries: 0,
      logLevel: 'off',
    });
  }

  /** Takes every name: the API is the one who knows, and a name without a price is refused before. */
  find(name: string): FoundModel {
    const model = new AnthropicModel(name, this.client, this.options);
    return { model, price: listPriceOf(name), defaultMaxTokens: MAX_TOKENS };
  }
}

class AnthropicModel implements Model {
  constructor(
    private readonly name: string,
    private readonly client: Anthropic,
    private readonly options: AnthropicOptions,
  ) {}

  async call(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer> {
    const { clock, idleMs = IDLE_MS } = this.options;
    const names = new ToolNames(request);
    const reader = new MessageReader(request, names);
    const watch = new IdleWatch(clock, idleMs);
    const usage = () => reader.usage();
    const params = messageParams(this.name, request, names);
    const client = this.client.withOptions({ fetch: watch.fetch });
    try {
      const either = AbortSignal.any([signal, watch.signal]);
      // An aborted stream ends as if it were over: only its last event tells.
      for await (const event of await client.messages.create(params, { signal: either })) {
        reader.take(event);
      }
      return reader.answer();
    } catch (error) {
      if (signal.aborted) {
        throw new ModelError('given up', { retryable: false, usage: usage(), cause: error });
      }
      if (watch.signal.aborted) {
        const message = `no sign of life for ${idleMs} ms`;
        throw new ModelError(message, { retryable: true, usage: usage(), cause: error });
      }
      throw modelErrorOf(error, { usage: usage(), nowMs: clock.nowMs() });
    } finally {
      watch.end();
    }
  }
}
