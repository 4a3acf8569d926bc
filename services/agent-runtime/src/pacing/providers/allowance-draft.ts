import type { RateLimits } from '../../registry/registry.config.js';
import type { Amount, Grant, LimitsOfCall } from './allowance-record.js';
import { NOTHING } from './allowance-record.js';

/** The part of what is free that is taken ahead, so that the next calls need no word with the store. */
const AHEAD = 1 / 8;
/** Nothing is taken ahead when less of a limit is free: the others may need it. */
const PLENTY = 1 / 2;

/** The next state of the record of a provider: never more than its limits by what is tried, whoever holds it. */
export class AllowanceDraft {
  readonly grants: Record<string, Grant>;

  constructor(
    living: Readonly<Record<string, Grant>>,
    private readonly limitsOf: (model: string) => LimitsOfCall,
  ) {
    this.grants = { ...living };
  }

  /** Adds to the grant, whatever the limits say: it has happened. */
  add(id: string, model: string, { requests, tokens }: Amount): void {
    const before = this.grants[id] ?? NOTHING;
    const sum = { requests: before.requests + requests, tokens: before.tokens + tokens };
    this.put(id, { model, ...sum });
  }

  /** Takes off what was granted and not used, as far as it is still there. */
  takeOff(id: string, { requests, tokens }: Amount): void {
    const before = this.grants[id];
    if (before === undefined) return;
    const left = { requests: before.requests - requests, tokens: before.tokens - tokens };
    this.put(id, { ...before, ...left });
  }

  /**
   * Adds to the grant if the limits allow all of it, and returns the tokens that it counts with; else whose limit does not.
   * A call that is larger than a whole limit may be made alone.
   */
  tryAdd(
    id: string,
    model: string,
    { requests, tokens }: Amount,
  ): Pick<Amount, 'tokens'> | 'provider' | 'model' {
    const { provider, model: own } = this.limitsOf(model);
    const most = Math.min(provider?.tokensPerMinute ?? Infinity, own?.tokensPerMinute ?? Infinity);
    const asked = { requests, tokens: Math.min(tokens, most) };
    if (!fits(asked, this.freeOf(provider))) return 'provider';
    if (!fits(asked, this.freeOf(own, model))) return 'model';
    this.add(id, model, asked);
    return { tokens: asked.tokens };
  }

  /** Adds what can be taken ahead for further calls, and returns it. */
  addAhead(id: string, model: string): Amount {
    const { provider, model: own } = this.limitsOf(model);
    const parts = [aheadOf(provider, this.freeOf(provider)), aheadOf(own, this.freeOf(own, model))];
    const ahead = {
      requests: Math.floor(Math.min(...parts.map(({ requests }) => requests))),
      tokens: Math.floor(Math.min(...parts.map(({ tokens }) => tokens))),
    };
    const isAny = ahead.requests > 0 && ahead.tokens > 0;
    if (!isAny) return NOTHING;
    const { requests, tokens } = ahead;
    // What has no limit is not counted.
    this.add(id, model, { requests: finite(requests), tokens: finite(tokens) });
    return ahead;
  }

  private freeOf(limits: RateLimits, model?: string): Amount {
    const taken = Object.values(this.grants).filter(
      (grant) => model === undefined || grant.model === model,
    );
    const sum = (of: keyof Amount) => taken.reduce((all, grant) => all + grant[of], 0);
    return {
      requests: (limits?.requestsPerMinute ?? Infinity) - sum('requests'),
      tokens: (limits?.tokensPerMinute ?? Infinity) - sum('tokens'),
    };
  }

  private put(id: string, { model, requests, tokens }: Grant): void {
    const [left, leftTokens] = [Math.max(0, requests), Math.max(0, tokens)];
    if (left === 0 && leftTokens === 0) delete this.grants[id];
    else this.grants[id] = { model, requests: left, tokens: leftTokens };
  }
}

function fits(asked: Amount, free: Amount): boolean {
  return asked.requests <= free.requests && asked.tokens <= free.tokens;
}

function aheadOf(limits: RateLimits, free: Amount): Amount {
  const part = (all: number | undefined, left: number) =>
    left < (all ?? 0) * PLENTY ? 0 : left * AHEAD;
  return {
    requests: part(limits?.requestsPerMinute, free.requests),
    tokens: part(limits?.tokensPerMinute, free.tokens),
  };
}

function finite(amount: number): number {
  return Number.isFinite(amount) ? amount : 0;
}
