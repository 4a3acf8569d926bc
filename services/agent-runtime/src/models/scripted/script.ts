import type { ModelRequest } from '../model.port.js';

/** What a script says in one turn: an answer, or tools to call. */
export interface ScriptTurn {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: object }[];
}

/** Means of a script beside the request; there are no others. */
export interface ScriptContext {
  /** Shows a piece of text that is still being written. The answer is what the script returns, whatever was shown. */
  readonly say: (piece: string) => void;
  /** Waits, and rejects when the call is given up. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Ends the call as a provider's error would. */
  readonly fail: (message: string, options?: { readonly retryable?: boolean }) => never;
}

/** A deterministic program that answers like a model: reads the conversation, says its next turn. */
export type Script = (
  request: ModelRequest,
  context: ScriptContext,
) => ScriptTurn | Promise<ScriptTurn>;
