import type { StatusShape } from '@skynet/contracts';

/** What one run may spend; absent where nothing limits it. */
export interface Share {
  readonly tokens?: number;
  readonly costMicroUsd?: number;
}

type Kind = keyof Share;
const KINDS: readonly Kind[] = ['tokens', 'costMicroUsd'];

/**
 * One budget for many runs. Each takes its share before it begins, and gives back what it has not spent, so all of them together
 * never spend more.
 */
export class Purse {
  private readonly left: { tokens?: number; costMicroUsd?: number };

  constructor(
    budget: Share,
    private runsLeft: number,
  ) {
    this.left = { ...budget };
  }

  /** An even part of what is left, no more than wished; undefined when that is nothing. */
  take(wish: Share): Share | undefined {
    const runs = Math.max(1, this.runsLeft);
    this.runsLeft -= 1;
    const share: { tokens?: number; costMicroUsd?: number } = { ...wish };
    for (const kind of KINDS) {
      const left = this.left[kind];
      if (left === undefined) continue;
      share[kind] = Math.min(Math.floor(left / runs), wish[kind] ?? Infinity);
    }
    // Free models cost nothing, and no run goes without tokens.
    if (share.tokens === 0) return undefined;
    for (const kind of KINDS) this.change(kind, -(share[kind] ?? 0));
    return share;
  }

  settle(share: Share, usage: StatusShape['spent']): void {
    const spent = {
      tokens: usage.inputTokens + usage.outputTokens,
      costMicroUsd: usage.costMicroUsd,
    };
    for (const kind of KINDS) {
      this.change(kind, Math.max(0, (share[kind] ?? 0) - spent[kind]));
    }
  }

  private change(kind: Kind, by: number): void {
    const left = this.left[kind];
    if (left !== undefined) this.left[kind] = left + by;
  }
}
