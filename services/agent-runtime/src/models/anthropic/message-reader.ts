import type { Anthropic } from '@anthropic-ai/sdk';
import type { Usage } from '@skynet/contracts';
import { ModelError, type ModelAnswer, type ModelRequest } from '../model.port.js';
import { CACHE_READ_FACTOR, CACHE_WRITE_FACTOR } from './prices.js';
import type { ToolNames } from './tool-names.js';

type Event = Anthropic.RawMessageStreamEvent;
type Counts = Partial<Anthropic.MessageDeltaUsage>;

interface Block {
  readonly type: string;
  readonly toolName?: string;
  text: string;
}

/** Told to the model as its own words, and never valid JSON at the end of a tool's input. */
const CUT_OFF = '[cut off: the limit of tokens for one answer was reached]';

/** Puts an answer together from the events of its stream. */
export class MessageReader {
  private readonly blocks: Block[] = [];
  private counts: Counts = {};
  private stopReason: Anthropic.StopReason | null = null;
  private isComplete = false;

  constructor(
    private readonly request: Pick<ModelRequest, 'maxTokens' | 'price'>,
    private readonly names: ToolNames,
  ) {}

  take(event: Event): void {
    switch (event.type) {
      case 'message_start':
        this.count(event.message.usage);
        break;
      case 'content_block_start':
        this.blocks[event.index] = openBlock(event.content_block);
        break;
      case 'content_block_delta':
        this.extend(event.index, event.delta);
        break;
      case 'message_delta':
        this.stopReason = event.delta.stop_reason;
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
    const outputTokens = this.isComplete ? output : Math.max(output, this.outputSeen());
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
    if (!this.isComplete || usage === undefined) {
      throw new ModelError('the answer broke off', { retryable: true, usage });
    }
    if (this.stopReason === 'refusal' || this.stopReason === 'pause_turn') {
      const message = `the model gave no answer: ${this.stopReason}`;
      throw new ModelError(message, { retryable: false, usage });
    }
    if (this.isCut()) this.markCut();
    const text = this.blocks.filter(({ type }) => type === 'text').map((block) => block.text);
    const toolCalls = this.blocks.flatMap(({ toolName, text: json }) =>
      toolName === undefined
        ? []
        : [{ name: this.names.ownNameOf(toolName), arguments: json === '' ? '{}' : json }],
    );
    if (this.isCut() && toolCalls.length === 0 && text.join('') === '') {
      const message = `no answer within ${this.request.maxTokens} tokens: raise model.maxTokens`;
      throw new ModelError(message, { retryable: false, usage });
    }
    return { text: text.join(''), toolCalls, usage };
  }

  private isCut(): boolean {
    return this.stopReason === 'max_tokens' || this.stopReason === 'model_context_window_exceeded';
  }

  /** A tool call that may lack its end must not be made; the mark keeps it from being read as one. */
  private markCut(): void {
    const last = this.blocks.at(-1);
    if (last?.type === 'text' || last?.type === 'tool_use') last.text += ` ${CUT_OFF}`;
  }

  private extend(index: number, delta: Anthropic.RawContentBlockDelta): void {
    const block = this.blocks[index];
    if (block === undefined) return;
    if (delta.type === 'text_delta') block.text += delta.text;
    if (delta.type === 'input_json_delta') block.text += delta.partial_json;
    if (delta.type === 'thinking_delta') block.text += delta.thinking;
  }

  /** Counts are cumulative; a count that is left out is as before. */
  private count(counts: Counts): void {
    const known = Object.entries(counts).filter(([, value]) => typeof value === 'number');
    this.counts = { ...this.counts, ...(Object.fromEntries(known) as Counts) };
  }

  /** Of a broken answer nobody tells the tokens: no more than bytes, no more than were allowed. */
  private outputSeen(): number {
    const bytes = this.blocks.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    return Math.min(this.request.maxTokens, bytes);
  }
}

function openBlock(block: Anthropic.ContentBlock): Block {
  if (block.type === 'tool_use') return { type: block.type, toolName: block.name, text: '' };
  return { type: block.type, text: block.type === 'text' ? block.text : '' };
}
