import type {
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider';
import type { Usage } from '@skynet/contracts';
import {
  ModelError,
  type ModelAnswer,
  type ModelRequest,
  type ModelResponse,
  type OnText,
} from '../model.port.js';
import { shortText, tokenCount } from '../wire/told.js';
import type { WireTools } from '../wire/wire-tools.js';
import { joined, keptText } from './kept-parts.js';
import { failureIn, refusalIn, StreamFailure } from './failures.js';

type Part = LanguageModelV4StreamPart;
type Call = ModelAnswer['toolCalls'][number];

interface Block {
  readonly kind: 'text' | 'reasoning' | 'call';
  readonly toolName: string;
  text: string;
  metadata: SharedV4ProviderMetadata | undefined;
}

/** What a call was asked, as far as its answer depends on it. */
export interface Asked {
  /** Prefix and name. */
  readonly vendorModel: string;
  readonly request: Pick<ModelRequest, 'maxTokens' | 'price'>;
  readonly tools: WireTools;
  readonly onText?: OnText | undefined;
}

const MAX_BLOCKS = 10_000;

/** Puts an answer together from the parts of its stream. */
export class PartReader {
  private readonly blocks: Block[] = [];
  /** The open one of each id; texts that follow one another may have the same. */
  private readonly byId = new Map<string, Block>();
  private finish: LanguageModelV4FinishReason | undefined;
  private used: LanguageModelV4Usage | undefined;
  private told: ModelResponse = {};
  private refusal = '';

  constructor(private readonly asked: Asked) {}

  /** @throws what the stream tells as an error */
  take(part: Part): void {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        return this.open(part.type === 'text-start' ? 'text' : 'reasoning', part);
      case 'tool-input-start':
        if (part.providerExecuted !== true) this.open('call', part);
        return;
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-input-delta':
        return this.extend(part.id, part.delta, part.providerMetadata);
      case 'text-end':
      case 'reasoning-end':
      case 'tool-input-end':
        return this.extend(part.id, '', part.providerMetadata);
      case 'tool-call':
        if (part.providerExecuted !== true) this.call(part);
        return;
      case 'raw':
        return this.look(part.rawValue);
      case 'response-metadata':
        this.told = { id: shortText(part.id), model: shortText(part.modelId) };
        return;
      case 'finish':
        this.finish = part.finishReason;
        this.used = part.usage;
        return;
      case 'error':
        if (!isEarlyEnd(part.error)) throw part.error;
        return;
      default:
        // Sources, files and what the vendor's own tools do: nobody asks for it.
        return;
    }
  }

  /** What the call has used; undefined when nobody counted, or counted what can't be. */
  usage(): Usage | undefined {
    const inputTokens = tokenCount(this.used?.inputTokens.total);
    const outputTokens = tokenCount(this.used?.outputTokens.total);
    // Counts that are missing arrive as nothing used.
    if (!inputTokens || outputTokens === undefined) return undefined;
    if (outputTokens === 0 && this.blocks.some(({ text }) => text !== '')) return undefined;
    const { inputMicroUsdPerMillion, outputMicroUsdPerMillion } = this.asked.request.price;
    // Cached input counts as any other: what it costs differs from model to model, and is never more.
    const cost = inputTokens * inputMicroUsdPerMillion + outputTokens * outputMicroUsdPerMillion;
    return { inputTokens, outputTokens, costMicroUsd: Math.ceil(cost / 1_000_000) };
  }

  /** @throws ModelError when the stream broke off or the model gave no answer */
  answer(): ModelAnswer {
    this.requireEnd();
    const isCut = this.finish?.unified === 'length';
    const cutBy = isCut
      ? `the limit of ${this.asked.request.maxTokens} tokens for one answer`
      : undefined;
    const text = this.text(cutBy);
    const toolCalls = this.blocks.flatMap((block) => this.callIn(block, cutBy) ?? []);
    const usage = this.usage();
    if (cutBy !== undefined && toolCalls.length === 0 && text === '') {
      throw this.failed(`no answer within ${cutBy}: raise model.maxTokens`, 'bad_answer', false);
    }
    const thinking = toolCalls.length === 0 ? undefined : this.kept();
    const response = this.response();
    return { text, toolCalls, usage, response, ...(thinking !== undefined && { thinking }) };
  }

  private requireEnd(): void {
    const { unified, raw } = this.finish ?? {};
    // Clients end every stream, also one that the vendor did not.
    if (unified === undefined || (raw === undefined && UNTOLD.includes(unified))) {
      throw this.failed('the answer broke off', 'bad_answer', true);
    }
    const why = `the model gave no answer: ${this.refusal || (raw ?? unified)}`;
    if (unified === 'error') throw this.failed(why, 'bad_answer', true);
    if (unified === 'content-filter' || this.isRefused()) throw this.failed(why, 'refusal', false);
  }

  private isRefused(): boolean {
    const hasSaid = this.blocks.some(({ kind, text }) => kind !== 'reasoning' && text !== '');
    return this.refusal !== '' && !hasSaid;
  }

  private failed(why: string, kind: 'bad_answer' | 'refusal', retryable: boolean): ModelError {
    const usage = this.usage();
    return new ModelError(why, { retryable, kind, usage, isUncounted: usage === undefined });
  }

  private response(): ModelResponse {
    const { raw, unified } = this.finish ?? {};
    return {
      ...this.told,
      finishReason: shortText(raw ?? unified),
      cacheReadTokens: tokenCount(this.used?.inputTokens.cacheRead),
      cacheWriteTokens: tokenCount(this.used?.inputTokens.cacheWrite),
    };
  }

  private text(cutBy: string | undefined): string {
    const texts = this.blocks.filter(({ kind }) => kind === 'text').map(({ text }) => text);
    const isCut = cutBy !== undefined && this.blocks.at(-1)?.kind === 'text';
    return [...texts, ...(isCut ? [` [cut off by ${cutBy}]`] : [])].join('').toWellFormed();
  }

  private callIn(block: Block, cutBy: string | undefined): Call | undefined {
    if (block.kind !== 'call') return undefined;
    const { tools } = this.asked;
    const input = tools.ownInputOf(block.toolName, block.text === '' ? '{}' : block.text);
    const call = { name: tools.ownNameOf(block.toolName), arguments: input.toWellFormed() };
    return cutBy === undefined || block !== this.blocks.at(-1) ? call : { ...call, cutBy };
  }

  private kept(): string | undefined {
    const of = (kind: Block['kind']) => this.blocks.filter((block) => block.kind === kind);
    return keptText(this.asked.vendorModel, {
      reasoning: of('reasoning').map(({ text, metadata }) => ({ text, options: metadata })),
      text: of('text').reduce(joinedOf, undefined),
      calls: of('call').map(({ metadata }) => metadata ?? null),
    });
  }

  private open(kind: Block['kind'], { id, toolName = '', providerMetadata }: Opening): void {
    if (this.blocks.length >= MAX_BLOCKS) {
      throw this.failed(`the answer has more than ${MAX_BLOCKS} parts`, 'bad_answer', false);
    }
    const block = { kind, toolName, text: '', metadata: providerMetadata };
    this.blocks.push(block);
    this.byId.set(id, block);
  }

  private extend(id: string, text: string, metadata?: SharedV4ProviderMetadata): void {
    const block = this.byId.get(id);
    if (block === undefined) return;
    block.text += text;
    block.metadata = joined(block.metadata, metadata);
    if (block.kind === 'text' && text !== '') this.asked.onText?.(text);
  }

  /** The whole call, at its end. */
  private call({ toolCallId: id, toolName, input, providerMetadata }: WholeCall): void {
    if (this.byId.get(id)?.kind !== 'call') this.open('call', { id, toolName });
    const block = this.byId.get(id);
    if (block === undefined) return;
    block.text = input;
    block.metadata = joined(block.metadata, providerMetadata);
  }

  private look(event: unknown): void {
    const failure = failureIn(event);
    if (failure !== undefined) throw new StreamFailure(failure);
    this.refusal = refusalIn(event) ?? this.refusal;
  }
}

/** Ends that the client makes up where the vendor told none. */
const UNTOLD = ['other', 'error'];

function isEarlyEnd(error: unknown): boolean {
  return error instanceof Error && error.message.includes('ended without a finish reason');
}

interface Opening {
  readonly id: string;
  readonly toolName?: string;
  readonly providerMetadata?: SharedV4ProviderMetadata;
}

type WholeCall = Extract<Part, { readonly type: 'tool-call' }>;

function joinedOf(
  all: SharedV4ProviderMetadata | undefined,
  { metadata }: Block,
): SharedV4ProviderMetadata | undefined {
  return joined(all, metadata);
}
