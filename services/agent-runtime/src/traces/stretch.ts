import type { AgentId } from '@skynet/contracts';
import type { SpanAttributes } from '@skynet/platform';

/** A time in the life of an agent of which no worker tells: nobody had it then, or its worker was lost. */
export interface Stretch {
  readonly name: string;
  readonly spanId: string;
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  /** Agents that it was about. */
  readonly agents?: readonly AgentId[];
  readonly error?: { readonly type: string; readonly message: string };
  /** Id of the span above it. Default: the agent's. */
  readonly below?: string;
}
