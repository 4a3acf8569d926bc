import type { IncomingMessage } from 'node:http';
import type { Principal } from '@skynet/contracts';
import { TokenBuckets, type Clock, type RateLimit } from '@skynet/platform';
import { callerNetwork } from '@skynet/platform/service';
import type { Refusal } from './refusal.js';

export interface RequestRatesOptions {
  readonly rates: {
    readonly ofPrincipal: RateLimit;
    /** Of an address, until it is known who calls. */
    readonly ofUnknown: RateLimit;
  };
  /** Whether a proxy says in X-Forwarded-For whom it speaks for. */
  readonly behindProxy: boolean;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** How often callers may come to this process. */
export class RequestRates {
  private readonly principals: TokenBuckets;
  private readonly unknown: TokenBuckets;

  constructor(private readonly options: RequestRatesOptions) {
    const { rates, clock } = options;
    this.principals = new TokenBuckets(rates.ofPrincipal, clock);
    this.unknown = new TokenBuckets(rates.ofUnknown, clock);
  }

  refusedPrincipal(principal: Principal): Refusal | undefined {
    const waitMs = this.principals.take(keyOf(principal));
    return waitMs === 0 ? undefined : refusal(`${principal.principal} sends`, waitMs);
  }

  /** Further messages that came with one request. */
  chargePrincipal(principal: Principal, messages: number): void {
    this.principals.charge(keyOf(principal), messages);
  }

  /** Before it is looked who calls, which costs something. */
  refusedUnknown(request: IncomingMessage): Refusal | undefined {
    const waitMs = this.unknown.take(this.networkOf(request));
    return waitMs === 0 ? undefined : refusal('this address sends', waitMs);
  }

  /** Once it is known who calls: many people may share an address. */
  forgiveUnknown(request: IncomingMessage): void {
    this.unknown.charge(this.networkOf(request), -1);
  }

  private networkOf(request: IncomingMessage): string {
    return callerNetwork(request, this.options.behindProxy);
  }
}

function keyOf({ tenant, principal }: Principal): string {
  return JSON.stringify([tenant, principal]);
}

function refusal(who: string, waitMs: number): Refusal {
  const retryAfterSeconds = Math.ceil(waitMs / 1_000);
  const message = `${who} more requests than may be; the next one in ${retryAfterSeconds} s`;
  return { status: 429, code: 'RATE_LIMITED', message, retryAfterSeconds };
}
