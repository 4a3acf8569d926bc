import type { Price, Usage } from '@skynet/contracts';

/** `data` is base64, at most 5 MiB of it. */
export interface ModelImage {
  readonly mimeType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  readonly data: string;
}

export type ModelMessage =
  | {
      readonly role: 'user';
      readonly text: string;
      /** Only for models that see. */
      readonly images?: readonly ModelImage[];
    }
  | {
      readonly role: 'assistant';
      readonly text: string;
      /** `arguments` is JSON text. */
      readonly toolCalls: readonly {
        readonly id: string;
        readonly name: string;
        readonly arguments: string;
      }[];
      /** `ModelAnswer.thinking` of this answer. */
      readonly thinking?: string;
    }
  | {
      readonly role: 'tool';
      readonly toolCallId: string;
      readonly content: string;
      readonly isError: boolean;
      /** Only for models that see. */
      readonly images?: readonly ModelImage[];
    };

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** What its server says of all its tools, on the first of them; a part of the instructions of requests. */
  readonly serverSays?: string;
}

export interface ModelRequest {
  /** System prompt. */
  readonly instructions?: string;
  /** Starts with the task as a user message. */
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  /** `strict`: the vendor holds the model to the schemas of tools that can be made so. Default: as they are. */
  readonly toolFormat?: 'strict';
  readonly maxTokens: number;
  readonly temperature?: number;
  /** Pinned at the spawn; what the call's usage costs. */
  readonly price: Price;
}

export interface ModelAnswer {
  readonly text: string;
  /** `arguments` is JSON text, as the model wrote it; the runner validates. */
  readonly toolCalls: readonly {
    readonly name: string;
    readonly arguments: string;
    /** What cut the answer within this call, so that it may lack its end. */
    readonly cutBy?: string;
  }[];
  /** What the provider wants back with the results of the calls; its own form. Only with calls. */
  readonly thinking?: string;
  /** Undefined when the provider did not tell: then the worst case counts. */
  readonly usage: Usage | undefined;
  /** What the provider told of its answer, for who looks at it; nothing depends on it. */
  readonly response?: ModelResponse;
}

export interface ModelResponse {
  readonly id?: string;
  /** The model that has answered. */
  readonly model?: string;
  /** In the provider's own word. */
  readonly finishReason?: string;
  /** Of the input tokens. */
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  /** By what the call would have cost more without the cache; absent when nobody knows. */
  readonly savedMicroUsd?: number;
}

/** A call that brought no answer. `retryable`: the same request may succeed later. */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    message: string,
    readonly details: {
      readonly retryable: boolean;
      /** The provider asks to wait this long, milliseconds. */
      readonly retryAfterMs?: number;
      /** The provider is there and refuses for the number of calls. Default: false. */
      readonly isRateLimit?: boolean;
      /** What kind of failure it is. Default: nothing more is known. */
      readonly kind?: 'overload' | 'refusal' | 'bad_answer' | 'timeout';
      /** It was not made at all. Default: false. */
      readonly isUnsent?: boolean;
      /** It uses up no try. Default: false. */
      readonly isNoTry?: boolean;
      /** Known usage of a call that broke off. */
      readonly usage?: Usage;
      /** It was answered in part and nobody counted: then the worst case counts. Default: false. */
      readonly isUncounted?: boolean;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
  }
}

/** Hears pieces of the text of an answer that is still being made, in order; never what a model thinks, or asks of tools. */
export type OnText = (delta: string) => void;

export interface Model {
  /**
   * Asks once; retries are the caller's. Ends early with the signal. `onText` is called while the answer arrives, by models that
   * can; the answer stands for itself.
   *
   * @throws ModelError when there is no answer
   */
  call(request: ModelRequest, signal: AbortSignal, onText?: OnText): Promise<ModelAnswer>;
}

/** Models behind one prefix, e.g. `anthropic:`. */
export interface ModelProvider {
  readonly prefix: string;
  /** UTF-8 bytes that no request of this provider exceeds beside its own texts. */
  readonly overheadBytes: number;
  /** Whether each of its models fails by itself, so that one says nothing of the others. Default: false. */
  readonly failsApart?: boolean;
  /** Why there is no model here at all, as part of a sentence; absent when there are some. */
  readonly absence?: string;
  /** Why `find` knew no model of this name, as part of a sentence, when there is more to say. */
  faultOf?(name: string): string | undefined;
  /** Undefined when there is no such model here. `name` has no prefix. */
  find(name: string): Promise<FoundModel | undefined> | FoundModel | undefined;
}

export interface FoundModel {
  readonly model: Model;
  /** Undefined when unknown: such a model is refused. */
  readonly price: Price | undefined;
  /** Tokens of one answer when the spawn names none. */
  readonly defaultMaxTokens: number;
  /** Tokens that a request and its answer may have together. Absent when nobody knows. */
  readonly contextTokens?: number;
  /** Whether it takes images. Default: false. */
  readonly sees?: boolean;
  /** Where it is asked. Default: in this process. */
  readonly url?: string;
  /** What fails together with it. Default: all of its provider, see `failsApart`. */
  readonly circuit?: string;
}
