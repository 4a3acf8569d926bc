import type { Random } from '../time/random.js';

/** How bad the network and the servers are: shares of calls, from 0 to 1. */
export interface Weather {
  /** An append is answered too late for its sender, which is told nothing; half of them have happened. */
  readonly lostAppends: number;
  readonly failedReads: number;
  readonly failedStates: number;
  readonly lostHints: number;
  readonly doubledHints: number;
  readonly lostItems: number;
  readonly doubledItems: number;
  readonly lostAcks: number;
  readonly lostPublishes: number;
  /** Delivery counts start again. */
  readonly forgottenCounts: number;
  /** Calls that take long. */
  readonly slow: number;
  /** Of the writes to the leases of leaders. */
  readonly failedElections: number;
}

export const CLEAR: Weather = {
  lostAppends: 0,
  failedReads: 0,
  failedStates: 0,
  lostHints: 0,
  doubledHints: 0,
  lostItems: 0,
  doubledItems: 0,
  lostAcks: 0,
  lostPublishes: 0,
  forgottenCounts: 0,
  slow: 0,
  failedElections: 0,
};

/** The weather that is now, and what it does to a call. */
export class Sky {
  weather: Weather = CLEAR;

  constructor(readonly random: Random) {}

  strikes(kind: keyof Weather): boolean {
    const share = this.weather[kind];
    return share > 0 && this.random.chance(share);
  }

  /** Of one way through the network; what is sent arrives in time, what comes back may take long. */
  latencyMs(way: 'there' | 'back' = 'there'): number {
    const usual = this.random.next() ** 3 * 8;
    const isSlow = this.strikes('slow');
    if (!isSlow) return usual;
    return this.random.between(20, way === 'there' ? 150 : 900);
  }
}
