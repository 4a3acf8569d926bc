import { AGENT_ROW_BUCKETS } from '../agents/agent-row.js';

/** A bucket of keys and values. */
export interface Bucket {
  readonly bucket: string;
  /** Milliseconds after which the store drops what was not written again. Default: never. */
  readonly ttlMs?: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What services keep beside the log and the rows of agents. */
export const buckets = {
  /** How far readers of the log have come, and which of two buckets is live. */
  checkpoints: { bucket: 'checkpoints' },
  /** Who leads, by role. */
  leases: { bucket: 'leases', ttlMs: 3_000 },
  /** Processes that are there; those that are long gone are dropped. */
  workerLeases: { bucket: 'worker-leases', ttlMs: MINUTE_MS },
  /** Texts that are too long for an event. */
  payloads: { bucket: 'payloads' },
  /** States of long streams, so that nobody folds them from the beginning. */
  snapshots: { bucket: 'snapshots' },
  /** What the scheduler knows, in parts. */
  schedule: { bucket: 'schedule' },
  /** What processes may call of model providers in the current minute. Longer than that none of it counts. */
  providerAllowances: { bucket: 'provider-allowances', ttlMs: 5 * MINUTE_MS },
  /** Definitions of tools as they were first seen or approved, by server. */
  toolPins: { bucket: 'tool-pins' },
  /** What agents keep for those that come after them, by tenant and template. */
  notes: { bucket: 'notes' },
  /**
   * Grants, refresh tokens, registered clients and known browsers: the one that can't be derived from the log. It forgets
   * what was not written for as long as the longest lasts; rows say themselves when they end before.
   */
  logins: { bucket: 'oidc', ttlMs: 90 * DAY_MS },
  /** Codes and remembered browsers. */
  briefLogins: { bucket: 'oidc-brief', ttlMs: 12 * HOUR_MS },
  /** What anybody may cause without a login: apart from all else, and gone within minutes. */
  strangers: { bucket: 'oidc-strangers', ttlMs: 20 * MINUTE_MS },
  /** What strangers have tried lately. */
  attempts: { bucket: 'auth-attempts', ttlMs: HOUR_MS },
  /** What ends access tokens before their time. auth writes it, edges follow it. Outlives the tokens of older releases. */
  revocations: { bucket: 'revocations', ttlMs: 25 * HOUR_MS },
} as const satisfies Readonly<Record<string, Bucket>>;

/** The stream of a bucket. */
export function streamOfBucket(bucket: string): string {
  return `KV_${bucket}`;
}

/** Every bucket of a system: its operator makes them, services use them. */
export const allBuckets: readonly Bucket[] = [
  ...AGENT_ROW_BUCKETS.map((bucket) => ({ bucket })),
  ...Object.values(buckets),
];
