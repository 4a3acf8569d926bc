import type { LoggedCommit } from '../log/logged-commit.js';

/** A call that reached the counting tool. */
export interface CountedCall {
  readonly policy: string;
  readonly mark: string;
  readonly step: number;
  /** The idempotency key that came with it. */
  readonly key?: string;
}

/** An agent as a client sees it. */
export interface SeenAgent {
  readonly status: string;
  /** In a list; undefined: it is in none. */
  readonly listedStatus: string | undefined;
  /** Time of the newest event that the view knows, ISO 8601. */
  readonly updatedAt: string;
  readonly output?: string;
}

/** How many agents may have a slot at the same time. */
export interface SlotLimits {
  /** Of all tenants. */
  readonly running: number;
  readonly runningPerTenant: number;
}

/** Everything that a verdict is made of. */
export interface Evidence {
  readonly commits: readonly LoggedCommit[];
  /** Agents that clients were told of for each key. */
  readonly acknowledged: ReadonlyMap<string, ReadonlySet<string>>;
  /** How agents had ended, as clients were told. */
  readonly ends: ReadonlyMap<string, string>;
  /** Times of the newest events that clients were shown of agents, ISO 8601. */
  readonly shown: ReadonlyMap<string, ReadonlySet<string>>;
  readonly calls: readonly CountedCall[];
  readonly limits: SlotLimits;
  /** Steps that wall clocks have made are no shorter; so may be the time between two events of one process. */
  readonly leastStepMs: number;
  /** By agent, in the end; undefined: nobody knows it. */
  readonly seen: ReadonlyMap<string, SeenAgent | undefined>;
}

export const words = [
  'lost',
  'doubled',
  'stuck',
  'stale',
  'forked',
  'silent repeat',
  'overspent',
  'over limit',
] as const;
export type Word = (typeof words)[number];

/** One thing that went wrong. */
export interface Finding {
  readonly word: Word;
  readonly agentId: string;
  readonly what: string;
}
