import type { Anthropic } from '@anthropic-ai/sdk';
import type { Usage } from '@skynet/contracts';
import {
  ModelError,
  type ModelAnswer,
  type ModelRequest,
  type ModelResponse,
  type OnText,
} from '../model.port.js';
import { CACHE_READ_FACTOR, CACHE_WRITE_FACTOR } from './prices.js';
import { keptThinking, type ThinkingBlock } from './thinking.js';
import { shortText, tokenCount } from '../wire/told.js';
import type { WireTools } from '../wire/wire-tools.js';

type Event = Anthropic.RawMessageStreamEvent;
type Counts = Partial<Anthropic.MessageDeltaUsage>;

interface Block {
  readonly type: string;
  readonly toolName?: string;
  text: string;
  /** Of thinking. */
  signature: string;
}

/** Puts an answer together from the events of its stream. */
export class MessageReader {
  private readonly blocks: Block[] = [];
  private counts: Counts = {};
  private isOutputCounted = false;
  private stopReason: Anthropic.StopReason | null = null;
  private isComplete = false;
  private started: Partial<Anthropic.Message> = {};

  constructor(
    private readonly model: string,
    private readonly request: Pick<ModelRequest, 'maxTokens' | 'price'> & {
      readonly onText?: OnText | undefined;
    },
    private readonly tools: WireTools,
  ) {}

  take(event: Event): void {
    switch (event.type) {
      case 'message_start':
        this.started = event.message;
        this.count(event.message.usage);
        break;
      case 'content_block_start':
        if (isPlace(event.index)) this.blocks[event.index] = openBlock(event.content_block);
        break;
      case 'content_block_delta':
        this.extend(event.index, event.delta);
        break;
      case 'message_delta':
        this.stopReason = event.delta.stop_reason;
        // Some gateways leave the usage out.
        this.isOutputCounted =
          typeof (event.usage as Counts | undefined)?.output_tokens === 'number';
        this.count(event.usage);
        break;
      case 'message_stop':
        this.isComplete = true;
        break;
      case 'content_block_stop':
        break;
    }
  }

  /** What the call has used for certain; undefined while the provider has counted nothing. */
  usage(): Usage | undefined {
    const { input_tokens: plain, output_tokens: output } = this.counts;
    if (typeof plain !== 'number' || output === undefined) return undefined;
    const written = this.counts.cache_creation_input_tokens ?? 0;
    const read = this.counts.cache_read_input_tokens ?? 0;
    const { inputMicroUsdPerMillion, outputMicroUsdPerMillion } = this.request.price;
    const isFinal = this.isComplete && this.isOutputCounted;
    const outputTokens = isFinal ? output : Math.max(output, this.outputSeen());
    const inputShare = plain + written * CACHE_WRITE_FACTOR + read * CACHE_READ_FACTOR;
    const cost = inputShare * inputMicroUsdPerMillion + outputTokens * outputMicroUsdPerMillion;
    return {
      inputTokens: plain + written + read,
      outputTokens,
      costMicroUsd: Math.ceil(cost / 1_000_000),
    };
  }

  /** @throws ModelError when the stream broke off or the model gave no answer */
  answer(): ModelAnswer {
    const usage = this.usage();
    this.requireEnd(usage);
    const cutBy = this.cutBy();
    const text = this.textUpTo(cutBy);
    const toolCalls = this.blocks.flatMap((block) => this.callIn(block, cutBy) ?? []);
    if (cutBy !== undefined && toolCalls.length === 0 && text === '') {
      const message = `no answer within ${cutBy}: raise model.maxTokens`;
      throw new ModelError(message, { retryable: false, kind: 'bad_answer', usage });
    }
    const thinking = toolCalls.length === 0 ? undefined : this.thinking();
    const response = this.response();
    return { text, toolCalls, usage, response, ...(thinking !== undefined && { thinking }) };
  }

  private response(): ModelResponse {
    const { id, model } = this.started;
    const { cache_creation_input_tokens: written, cache_read_input_tokens: read } = this.counts;
    return {
      id: shortText(id),
      model: shortText(model),
      finishReason: shortText(this.stopReason),
      cacheReadTokens: read ?? undefined,
      cacheWriteTokens: written ?? undefined,
      savedMicroUsd: this.saved(read ?? 0, written ?? 0),
    };
  }

  /** What is written to the cache costs more than what is not; a first call saves nothing. */
  private saved(read: number, written: number): number {
    const { inputMicroUsdPerMillion } = this.request.price;
    const share = read * (1 - CACHE_READ_FACTOR) - written * (CACHE_WRITE_FACTOR - 1);
    return Math.max(0, Math.floor((share * inputMicroUsdPerMillion) / 1_000_000));
  }

  private requireEnd(usage: Usage | undefined): void {
    if (!this.isComplete) {
      throw new ModelError('the answer broke off', { retryable: true, kind: 'bad_answer', usage });
    }
    if (this.stopReason === 'refusal' || this.stopReason === 'pause_turn') {
      const message = `the model gave no answer: ${this.stopReason}`;
      throw new ModelError(message, { retryable: false, kind: 'refusal', usage });
    }
  }

  private textUpTo(cutBy: string | undefined): string {
    const texts = this.blocks.filter(({ type }) => type === 'text').map((block) => block.text);
    const isCut = cutBy !== undefined && this.blocks.at(-1)?.type === 'text';
    return [...texts, ...(isCut ? [` [cut off by ${cutBy}]`] : [])].join('').toWellFormed();
  }

  private thinking(): string | undefined {
    const blocks = this.blocks.flatMap(({ type, text, signature }): ThinkingBlock[] => {
      if (type === 'thinking') return [{ type, thinking: text, signature }];
      return type === 'redacted_thinking' ? [{ type, data: text }] : [];
    });
    return keptThinking(this.model, blocks);
  }

  /** What ended the answer before the model did. */
  private cutBy(): string | undefined {
    const { stopReason } = this;
    if (stopReason === 'max_tokens')
      return `the limit of ${this.request.maxTokens} tokens for one answer`;
    return stopReason === 'model_context_window_exceeded'
      ? 'the context window of the model'
      : undefined;
  }

  /** The last call of an answer that was cut may lack its end, also where it reads as a whole one. */
  private callIn(
    block: Block,
    cutBy: string | undefined,
  ): ModelAnswer['toolCalls'][number] | undefined {
    const { toolName, text: json } = block;
    if (toolName === undefined) return undefined;
    const input = this.tools.ownInputOf(toolName, json === '' ? '{}' : json);
    const call = { name: this.tools.ownNameOf(toolName), arguments: input.toWellFormed() };
    return cutBy === undefined || block !== this.blocks.at(-1) ? call : { ...call, cutBy };
  }

  private extend(index: number, delta: Anthropic.RawContentBlockDelta): void {
    const block = this.blocks[index];
    if (block === undefined) return;
    if (delta.type === 'text_delta') {
      block.text += delta.text;
      this.request.onText?.(delta.text);
    }
    if (delta.type === 'input_json_delta') block.text += delta.partial_json;
    if (delta.type === 'thinking_delta') block.text += delta.thinking;
    if (delta.type === 'signature_delta') block.signature += delta.signature;
  }

  /** Counts are cumulative; a count that is left out is as before. */
  private count(counts: Counts | undefined): void {
    const known = Object.entries(counts ?? {}).flatMap(([name, told]) => {
      const count = tokenCount(told);
      return count === undefined ? [] : [[name, count]];
    });
    this.counts = { ...this.counts, ...(Object.fromEntries(known) as Counts) };
  }

  /** Of a broken answer nobody tells the tokens: no more than bytes, no more than were allowed. */
  private outputSeen(): number {
    const bytes = this.blocks.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    return Math.min(this.request.maxTokens, bytes);
  }
}

const MAX_BLOCKS = 10_000;

const isPlace = (index: unknown): boolean =>
  Number.isInteger(index) && Number(index) >= 0 && Number(index) < MAX_BLOCKS;

function openBlock(block: Anthropic.ContentBlock): Block {
  const empty = { type: block.type, text: '', signature: '' };
  switch (block.type) {
    case 'tool_use':
      return { ...empty, toolName: block.name };
    case 'text':
      return { ...empty, text: block.text };
    case 'redacted_thinking':
      return { ...empty, text: block.data };
    default:
      return empty;
  }
}
