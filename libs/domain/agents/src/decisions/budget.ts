import type { AgentSpec, Limits, Price, RequestedLimits, Usage } from '@skynet/contracts';
import { rejection } from '@skynet/contracts';
import type { Refused, Rejection } from '@skynet/kernel';
import { liveChildren, modelOf, type SpawnedAgent } from '../agent/agent-state.js';
import { available, type Available } from '../agent/available.js';

function costOf(price: Price, inputTokens: number, outputTokens: number): number {
  const millionths =
    inputTokens * price.inputMicroUsdPerMillion + outputTokens * price.outputMicroUsdPerMillion;
  return Math.ceil(millionths / 1_000_000);
}

/** Limits of a root: what was asked for, else the tenant's default; never unlimited. */
export function rootLimits(
  requested: RequestedLimits,
  defaults: Required<RequestedLimits>,
  nowMs: number,
): Limits {
  return {
    tokens: requested.tokens ?? defaults.tokens,
    costMicroUsd: requested.costMicroUsd ?? defaults.costMicroUsd,
    deadlineMs: Math.min(
      nowMs + (requested.seconds ?? defaults.seconds) * 1_000,
      Number.MAX_SAFE_INTEGER,
    ),
    depth: requested.depth ?? defaults.depth,
    children: requested.children ?? defaults.children,
    descendants: requested.descendants ?? defaults.descendants,
  };
}

/**
 * A child's share of what is left when it names no amount. The parent counts as one more taker, so that it can still
 * use the results when every child has spent its share.
 */
function share(left: number, slots: number, least = 0): number {
  const fair = Math.max(0, Math.floor(left / (slots + 1)));
  return fair < least && left >= 2 * least ? least : fair;
}

/** With less a child can hardly take a turn: many slots for children are no reason to give each of them nothing. */
const LEAST_SHARE = { inputTokens: 8_000, outputTokens: 2_000 };
const LEAST_TOKENS = LEAST_SHARE.inputTokens + LEAST_SHARE.outputTokens;

/** Limits that this agent can set aside for a new child, or which of its limits stands in the way. */
export function childLimits(
  state: SpawnedAgent,
  spec: AgentSpec,
  nowMs: number,
): { readonly limits: Limits } | Refused {
  const { limits: own } = state.spawned;
  const asked = spec.limits;
  const left = available(state);
  const slots = Math.min(own.children - liveChildren(state).length, left.descendants);
  const refusal = refusalOf(state, spec, left);
  if (refusal !== undefined) return { refused: refusal };
  return {
    limits: {
      tokens: asked.tokens ?? share(left.tokens, slots, LEAST_TOKENS),
      costMicroUsd: asked.costMicroUsd ?? share(left.costMicroUsd, slots, leastCost(spec)),
      deadlineMs: Math.min(own.deadlineMs, nowMs + (asked.seconds ?? Infinity) * 1_000),
      depth: Math.min(own.depth - 1, asked.depth ?? Infinity),
      children: Math.min(own.children, asked.children ?? Infinity),
      descendants: asked.descendants ?? share(left.descendants - slots, slots),
    },
  };
}

function leastCost({ model: { price } }: AgentSpec): number {
  return costOf(price, LEAST_SHARE.inputTokens, LEAST_SHARE.outputTokens);
}

function refusalOf(state: SpawnedAgent, spec: AgentSpec, left: Available): Rejection | undefined {
  const { limits: own, agentId } = state.spawned;
  const asked = spec.limits;
  if (own.depth < 1) return rejection('LIMIT_DEPTH', `${agentId} may have no children`);
  if (liveChildren(state).length >= own.children) {
    return rejection('LIMIT_CHILDREN', `${agentId} has ${own.children} live children`);
  }
  const needed = (asked.descendants ?? 0) + 1;
  if (needed > left.descendants) {
    return rejection(
      'LIMIT_DESCENDANTS',
      `${agentId} may spawn ${left.descendants} more agents below it, ${needed} asked for`,
    );
  }
  if ((asked.tokens ?? 0) > left.tokens) {
    return rejection('LIMIT_TOKENS', `${agentId} has ${left.tokens} tokens left`);
  }
  if ((asked.costMicroUsd ?? 0) > left.costMicroUsd) {
    return rejection('LIMIT_COST', `${agentId} has ${left.costMicroUsd} micro-USD left`);
  }
  return undefined;
}

/** Fewest tokens of room for an answer that is worth a normal turn. */
const TURN_MIN_OUTPUT_TOKENS = 512;
/** Fewest tokens of room for a last word. */
const WIND_DOWN_MIN_OUTPUT_TOKENS = 32;

/** A call that fits, or not even a last word; `limit` is the scarcer of the two. */
export type Affordable = { readonly limit: 'tokens' | 'costMicroUsd' } & (
  | { readonly kind: 'none' }
  | { readonly kind: 'turn' | 'windDown'; readonly maxTokens: number; readonly held: Usage }
);

/**
 * The largest model call that fits what is left: a normal turn, else one wind-down turn, else the limit in the way.
 * `inputBytes` bounds the input tokens from above.
 */
export function affordableCall(state: SpawnedAgent, inputBytes: number): Affordable {
  const model = modelOf(state);
  const left = available(state);
  const roomByTokens = left.tokens - inputBytes;
  const roomByCost = outputRoom(model.price, left.costMicroUsd, inputBytes);
  const room = Math.min(roomByTokens, roomByCost, model.maxTokens);
  const limit = roomByTokens <= roomByCost ? 'tokens' : 'costMicroUsd';
  if (room < Math.min(model.maxTokens, WIND_DOWN_MIN_OUTPUT_TOKENS)) return { kind: 'none', limit };
  return {
    limit,
    kind: room < Math.min(model.maxTokens, TURN_MIN_OUTPUT_TOKENS) ? 'windDown' : 'turn',
    maxTokens: room,
    held: {
      inputTokens: inputBytes,
      outputTokens: room,
      costMicroUsd: costOf(model.price, inputBytes, room),
    },
  };
}

/** Output tokens that the money left pays for after the input; a free model has no bound. */
function outputRoom(price: Price, costMicroUsd: number, inputTokens: number): number {
  const left = costMicroUsd * 1_000_000 - inputTokens * price.inputMicroUsdPerMillion;
  if (left < 0) return -1;
  if (price.outputMicroUsdPerMillion === 0) return Infinity;
  return Math.floor(left / price.outputMicroUsdPerMillion);
}
