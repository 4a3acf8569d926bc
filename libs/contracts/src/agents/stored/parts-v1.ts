import { z } from 'zod';

// Frozen, and copies on purpose: what the log holds does not follow the shapes that programs use today.

export const agentId = z.uuid().brand<'AgentId'>();
export const tenant = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
export const principal = z.string().min(1).max(128);

export const payloadRef = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().nonnegative(),
});
export const text = z.union([z.string(), payloadRef]);

const amount = z.int().nonnegative().max(Number.MAX_SAFE_INTEGER);

export const limits = z.strictObject({
  tokens: amount,
  costMicroUsd: amount,
  deadlineMs: amount,
  depth: amount,
  children: amount,
  descendants: amount,
});

export const spent = z.strictObject({
  inputTokens: amount,
  outputTokens: amount,
  costMicroUsd: amount,
  descendants: amount,
});

export const usage = z.strictObject({
  inputTokens: amount,
  outputTokens: amount,
  costMicroUsd: amount,
});

export const endStatus = z.enum(['completed', 'failed', 'terminated', 'expired', 'exhausted']);

export const failure = z.strictObject({
  reason: z.string(),
  message: z.string(),
  retryable: z.boolean(),
});
