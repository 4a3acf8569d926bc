import type { RequestedLimits } from '@skynet/contracts';
import type { Left, Part, StrategyTurn, StrategyView } from './strategy.port.js';

/** With less an agent can hardly take a turn. */
const LEAST = { inputTokens: 8_000, outputTokens: 2_000, seconds: 5 };

export interface Wave {
  readonly stage: string;
  /** All that is to be done in this stage; as many are taken as there is room for, the first ones first. */
  readonly parts: readonly Part[];
  /** Parts that come after these, for which something is kept. Default: 0. */
  readonly later?: number;
  /** Most at once. Default: as many as the limits allow. */
  readonly atOnce?: number;
  /** What is done, for the reason. */
  readonly what: string;
}

type Seen = Pick<StrategyView, 'left' | 'price' | 'task'>;

/** How many agents of average need there is budget for, when one share is kept to join what they bring. */
export function affordable({ left, price, task }: Seen): number {
  if (left.depth < 1 || left.seconds < 2 * LEAST.seconds) return 0;
  const input = LEAST.inputTokens + Buffer.byteLength(task);
  const cost =
    (input * price.inputMicroUsdPerMillion + LEAST.outputTokens * price.outputMicroUsdPerMillion) /
    1_000_000;
  const byTokens = Math.floor(left.tokens / (input + LEAST.outputTokens)) - 1;
  const byCost = cost > 0 ? Math.floor(left.costMicroUsd / cost) - 1 : Infinity;
  return Math.max(0, Math.min(byTokens, byCost, left.children > 0 ? left.descendants : 0));
}

/** Where the agent begins and can't have so many: it does the task alone. */
export function alone(
  view: Seen & Pick<StrategyView, 'steps'>,
  least: number,
  whom: string,
): StrategyTurn | undefined {
  if (view.steps.length > 0 || affordable(view) >= least) return undefined;
  return { kind: 'alone', reason: `There is no room for ${whom}: the task is done alone.` };
}

/** The next agents, and what each may use; undefined when there is no room for a single one. */
export function wave(
  view: Seen,
  { stage, parts, what, later = 0, atOnce = Infinity }: Wave,
): Extract<StrategyTurn, { readonly kind: 'spawn' }> | undefined {
  const { left } = view;
  const most = affordable(view);
  const count = Math.min(parts.length, most, left.children, atOnce);
  if (count < 1) return undefined;
  const takers = Math.min(parts.length + later, most) + 1;
  const rounds = Math.ceil(Math.min(parts.length, most) / count) + (later > 0 ? 1 : 0);
  const limits = shareOf(left, { count, takers, rounds });
  const share = `each at most 1/${takers} of what is left: ${amounts(limits)}`;
  const short = most < parts.length ? `; there is room for ${most} of them` : '';
  const reason = `${what}: ${parts.length} to do, ${count} at once, ${share}${short}.`;
  return { kind: 'spawn', stage, reason, parts: parts.slice(0, count), limits };
}

interface Shares {
  readonly count: number;
  readonly takers: number;
  readonly rounds: number;
}

/** A round of time is kept for the join, unless there is hardly time for one. */
function shareOf(left: Left, { count, takers, rounds }: Shares): RequestedLimits {
  const seconds = Math.floor(left.seconds / (rounds + 1));
  const below = Math.floor((left.descendants - takers + 1) / takers);
  return {
    tokens: Math.floor(left.tokens / takers),
    costMicroUsd: Math.floor(left.costMicroUsd / takers),
    seconds: Math.max(seconds, Math.min(LEAST.seconds, Math.floor(left.seconds / 2))),
    descendants: left.depth < 2 ? 0 : Math.max(0, Math.min(below, left.descendants - count)),
  };
}

function amounts({ tokens, costMicroUsd, seconds }: RequestedLimits): string {
  return `${tokens} tokens, ${costMicroUsd} micro-USD, ${seconds} s`;
}
