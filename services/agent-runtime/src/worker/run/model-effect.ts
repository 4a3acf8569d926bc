import type { AgentEventData, Usage } from '@skynet/contracts';
import { modelOf, NO_USAGE, type ModelOutcome, type SpawnedAgent } from '@skynet/domain-agents';
import { WorldError, type Span } from '@skynet/platform';
import { ModelError } from '../../models/model.port.js';
import type { CallSettings } from '../../prompt/model-request.js';

/** Longest a model call may take; then it counts as failed. */
export const MODEL_CALL_MAX_MS = 600_000;
/** A provider that asks for a longer pause is waited for without holding a slot. */
const LONGEST_PAUSE_MS = 60_000;
/** No provider is waited for longer. */
const LONGEST_WAIT_MS = 24 * 3_600_000;
/** Of a call that failed, as it is kept and told. */
const REASON_MAX_CHARS = 1_000;

export interface ModelResult {
  readonly usage: Usage;
  /** Absent: nothing came from the provider's cache, or it did not say. */
  readonly cached?: AgentEventData<'ModelCallSettled'>['cached'];
  /** No call was made: what that saved. */
  readonly fromCache?: AgentEventData<'ModelCallSettled'>['fromCache'];
  readonly outcome: ModelOutcome;
  /** The provider's wish before the next try; one of over a minute is in the outcome. */
  readonly retryAfterMs?: number;
  /** Until it was made. Default: 0. */
  readonly waitedMs?: number;
  /** It was not made at all. Default: false. */
  readonly isUnsent?: boolean;
  /** Its run was over before it was. Default: false. */
  readonly isCutOff?: boolean;
  /** What kind of failure it was; few values. */
  readonly errorType?: string;
}

export interface ModelEffect extends CallSettings {
  readonly callId: string;
  /** Spent in the worst case; what a call that was cut off counts as. */
  readonly held: Usage;
  /** Tries that are left after this one. */
  readonly triesLeft: number;
  /** Gives up waiting for the provider; the call itself goes on. */
  readonly waiting: AbortSignal;
  readonly span: Span;
}

export function gone(agent: SpawnedAgent, why: string | undefined): ModelError {
  const { id } = modelOf(agent);
  if (why !== undefined) return new ModelError(`No model for ${id}: ${why}`, { retryable: false });
  return new ModelError(`The model ${id} is not configured any more.`, { retryable: false });
}

export function tooLong(cause: unknown, { held }: ModelEffect): ModelError {
  const message = `no answer within ${MODEL_CALL_MAX_MS / 1_000} s`;
  const known = cause instanceof ModelError ? cause.details.usage : undefined;
  return new ModelError(message, { retryable: true, kind: 'timeout', usage: known ?? held, cause });
}

/** `used` is what is known of the usage when the error itself does not say. */
export function failed(
  error: unknown,
  effect: ModelEffect & { readonly nowMs: number },
  used: Usage = NO_USAGE,
): ModelResult {
  const details = detailsOf(error);
  // Moments in the log are whole milliseconds.
  const retryAfterMs = Math.ceil(Math.min(details.retryAfterMs ?? 0, LONGEST_WAIT_MS));
  return {
    usage: details.usage ?? (details.isUncounted === true ? effect.held : used),
    outcome: {
      kind: 'failed',
      message: reasonOf(messageOf(error)),
      retryable: details.retryable,
      final: effect.triesLeft <= 0 && details.isNoTry !== true,
      ...(retryAfterMs > LONGEST_PAUSE_MS && { notBeforeMs: effect.nowMs + retryAfterMs }),
    },
    retryAfterMs: details.retryAfterMs,
    isUnsent: details.isUnsent,
    errorType: errorTypeOf(error),
  };
}

/** What the world prevented around the call, e.g. in the payload store, may succeed later. */
function detailsOf(error: unknown): ModelError['details'] {
  if (error instanceof ModelError) return error.details;
  return { retryable: error instanceof WorldError && error.retry === 'later' };
}

function errorTypeOf(error: unknown): string {
  if (!(error instanceof ModelError)) return 'world_error';
  const { isRateLimit, kind } = error.details;
  return kind ?? (isRateLimit === true ? 'rate_limit' : 'model_error');
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** As much of it as the log takes, of whoever said it. */
export function reasonOf(message: string): string {
  return message.slice(0, REASON_MAX_CHARS).toWellFormed();
}
