import type { ProvidersAnswer, Usage } from '@skynet/contracts';
import { NO_USAGE } from '@skynet/domain-agents';
import { sleep } from '@skynet/platform';
import { ModelError } from '../../models/model.port.js';
import type { ProviderMetrics } from '../../telemetry/provider-metrics.js';
import { TimeLimit } from '../time-limit.js';
import { CircuitBreaker } from './circuit-breaker.js';
import type { SharedAllowance } from './shared-allowance.js';
import { SharedAllowances, type SharedAllowancesOptions } from './shared-allowances.js';
import type { Taken } from './unused-grants.js';

/** Longest that a call waits here for its turn, holding its slot; then it waits without one. */
const LONGEST_WAIT_MS = 90_000;
/** A provider that asks for more is waited for without a slot from the start. */
const LONGEST_PAUSE_MS = 60_000;
/** At least so long, and by chance up to twice, so that not all come back together. */
const AWAY_MS = 61_000;

/** Of a failure, as it is told. */
const REASON_MAX_CHARS = 500;

/** Why a call waits: limits of the registry, failures of the provider, or its own wish. */
export type WaitReason = 'limit' | 'failures' | 'retry-after';

export interface ProviderTurnsOptions extends SharedAllowancesOptions {
  readonly metrics: ProviderMetrics;
  /** Whether this process surely counts as alive. */
  readonly isFresh: () => boolean;
  /** A provider has refused a call for the number of calls. */
  readonly onRateLimit: () => void;
  /** A number in [0, 1). Default: by chance. */
  readonly chance?: () => number;
}

/** A call of a model that wants its turn. */
export interface CallInTurn {
  /** Id of the model. */
  readonly model: string;
  /** What fails together with it. */
  readonly circuit: string;
  /** Used in the worst case. */
  readonly held: Usage;
  /** The call is given up. */
  readonly signal: AbortSignal;
  /** Waiting is given up. */
  readonly waiting: AbortSignal;
  /** Told before the call when it had to wait. */
  readonly onWaited: (ms: number, reason: WaitReason) => void;
}

/** What was taken for a call, where there are limits. */
interface Turn {
  readonly allowance: SharedAllowance;
  readonly taken: Taken;
}

/** Lets calls through to their providers: within the limits that all workers share, and while the provider is well. */
export class ProviderTurns {
  private readonly allowances: SharedAllowances;
  private readonly breakers = new Map<string, CircuitBreaker>();
  /** Calls that wait, by circuit. */
  private readonly waiting = new Map<string, number>();

  constructor(private readonly options: ProviderTurnsOptions) {
    this.allowances = new SharedAllowances(options);
    options.metrics.circuits(() => this.circuits);
  }

  /**
   * Makes the call when it is its turn.
   *
   * @throws ModelError that of the call; or another one when its turn does not come soon, or is not waited for
   */
  async run<Answer extends { readonly usage: Usage | undefined }>(
    call: CallInTurn,
    work: () => Promise<Answer>,
  ): Promise<Answer> {
    const breaker = this.breakerOf(call.circuit);
    const turn = await this.enter(call, breaker);
    try {
      const answer = await work();
      breaker.answered();
      settle(turn, answer.usage);
      return answer;
    } catch (error) {
      this.judge(error, call, breaker);
      settle(turn, usageOf(error));
      throw error;
    }
  }

  /** What has been called here, and how that fares. */
  get circuits(): ProvidersAnswer['circuits'] {
    return [...this.breakers].map(([of, { state, waitMs, lastFailure }]) => ({
      of,
      waiting: this.waiting.get(of) ?? 0,
      state,
      ...(state !== 'called' && Number.isFinite(waitMs) && { waitMs }),
      ...(lastFailure !== '' && { lastFailure }),
    }));
  }

  /**
   * Limits of the registry, and what counts against them.
   *
   * @throws WorldError when the store is away
   */
  limits(): Promise<ProvidersAnswer['limits']> {
    return this.allowances.view();
  }

  /** Gives back what this process was granted and has not used. */
  stop(): Promise<void> {
    return this.allowances.stop();
  }

  /** Without a limit, and with a provider that is well, at once. */
  private async enter(call: CallInTurn, breaker: CircuitBreaker): Promise<Turn | undefined> {
    const allowance = this.allowances.of(call.model);
    if (allowance === undefined && breaker.tryEnter()) return undefined;
    const { clock } = this.options;
    const startMs = clock.monotonicMs();
    const limit = new TimeLimit(clock, LONGEST_WAIT_MS, call.waiting);
    this.countWaiting(call.circuit, 1);
    try {
      const { turn, reason } = await this.turnOf(call, { breaker, allowance, limit });
      this.waited(call, clock.monotonicMs() - startMs, reason);
      // Who may count as gone calls nobody: the agent could be taken over at once.
      if (clock.monotonicMs() === startMs || this.options.isFresh()) return turn;
      breaker.abandoned();
      giveBack(turn);
      throw notSent('the worker was not sure of its lease after a wait', { isNoTry: true });
    } finally {
      limit.end();
      this.countWaiting(call.circuit, -1);
    }
  }

  private async turnOf(
    call: CallInTurn,
    gates: {
      readonly breaker: CircuitBreaker;
      readonly allowance: SharedAllowance | undefined;
      readonly limit: TimeLimit;
    },
  ): Promise<{ readonly turn: Turn | undefined; readonly reason: WaitReason }> {
    const { breaker, allowance, limit } = gates;
    let reason: WaitReason = 'limit';
    for (;;) {
      reason = (await this.untilWell(breaker, limit.signal)) ?? reason;
      if (limit.signal.aborted) throw this.tooLong(call, reason, limit);
      const turn = await takeFor(call, allowance, limit.signal);
      if (turn === undefined && allowance !== undefined) throw this.tooLong(call, 'limit', limit);
      if (breaker.tryEnter()) return { turn, reason };
      giveBack(turn);
    }
  }

  /** Resolves when a call may be tried, or the signal came first, with what was waited for. */
  private async untilWell(
    breaker: CircuitBreaker,
    signal: AbortSignal,
  ): Promise<WaitReason | undefined> {
    let reason: WaitReason | undefined;
    for (let { waitMs } = breaker; waitMs > 0 && !signal.aborted; { waitMs } = breaker) {
      reason = breaker.state === 'retry-after' ? 'retry-after' : 'failures';
      if (reason === 'retry-after' && waitMs > LONGEST_PAUSE_MS) throw pausedFor(waitMs);
      const outcome = new AbortController();
      const forget = breaker.onOutcome(() => outcome.abort());
      const either = AbortSignal.any([signal, outcome.signal]);
      await sleep(this.options.clock, Math.min(waitMs, LONGEST_WAIT_MS), either);
      forget();
    }
    return reason;
  }

  private countWaiting(circuit: string, change: number): void {
    this.waiting.set(circuit, (this.waiting.get(circuit) ?? 0) + change);
  }

  private waited({ circuit, onWaited }: CallInTurn, ms: number, reason: WaitReason): void {
    if (ms <= 0) return;
    this.options.metrics.waited(circuit, reason, ms);
    onWaited(ms, reason);
  }

  private tooLong(call: CallInTurn, reason: WaitReason, limit: TimeLimit): ModelError {
    if (!limit.isOver) return notSent('given up before it was made', { isNoTry: true });
    const { chance = Math.random } = this.options;
    const retryAfterMs = AWAY_MS * (1 + chance());
    this.options.metrics.waited(call.circuit, reason, LONGEST_WAIT_MS);
    const seconds = LONGEST_WAIT_MS / 1_000;
    if (reason !== 'failures') {
      const cause = `${call.model} was not called: for ${seconds} s the limits per minute left no room`;
      return notSent(cause, { retryAfterMs, isNoTry: true });
    }
    const { lastFailure } = this.breakerOf(call.circuit);
    const cause = `${call.circuit} is not called for now, since its calls fail; the last one: ${lastFailure}`;
    return notSent(cause, { retryAfterMs });
  }

  /** What the outcome of a call says of its provider. */
  private judge(error: unknown, { circuit, signal }: CallInTurn, breaker: CircuitBreaker): void {
    if (!(error instanceof ModelError) || signal.aborted) return breaker.abandoned();
    const { retryable, retryAfterMs, isRateLimit = false } = error.details;
    if (retryAfterMs !== undefined) breaker.pause(retryAfterMs);
    if (isRateLimit) {
      this.options.metrics.rateLimited(circuit);
      this.options.onRateLimit();
    }
    if (retryable && !isRateLimit)
      breaker.failed(error.message.slice(0, REASON_MAX_CHARS).toWellFormed());
    else breaker.answered();
  }

  private breakerOf(circuit: string): CircuitBreaker {
    let breaker = this.breakers.get(circuit);
    if (breaker === undefined) {
      breaker = new CircuitBreaker(this.options.clock, this.options.chance);
      this.breakers.set(circuit, breaker);
    }
    return breaker;
  }
}

async function takeFor(
  { model, held }: CallInTurn,
  allowance: SharedAllowance | undefined,
  signal: AbortSignal,
): Promise<Turn | undefined> {
  const need = { requests: 1, tokens: held.inputTokens + held.outputTokens };
  const taken = await allowance?.take(model, need, signal);
  return allowance === undefined || taken === undefined ? undefined : { allowance, taken };
}

function giveBack(turn: Turn | undefined): void {
  turn?.allowance.giveBack(turn.taken);
}

/** What is not known counts as it was held. */
function settle(turn: Turn | undefined, usage: Usage | undefined): void {
  if (usage !== undefined) turn?.allowance.settle(turn.taken, usage);
}

/** A call that can be repeated without having said what it used has used nothing. */
function usageOf(error: unknown): Usage | undefined {
  if (!(error instanceof ModelError)) return undefined;
  return error.details.usage ?? (error.details.retryable ? NO_USAGE : undefined);
}

function pausedFor(ms: number): ModelError {
  const cause = `not called: the provider asks for no calls for ${Math.ceil(ms / 1_000)} s`;
  return notSent(cause, { retryAfterMs: ms, isNoTry: true });
}

function notSent(
  message: string,
  details: { readonly retryAfterMs?: number; readonly isNoTry?: boolean },
): ModelError {
  return new ModelError(message, { ...details, retryable: true, isUnsent: true, usage: NO_USAGE });
}
