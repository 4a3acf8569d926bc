/** A key signs from its time on until the next key's; the list of keys is in that order. */
export interface Scheduled {
  readonly signsFromMs: number;
}

/** A retired key is published for so long; cookies are signed by what comes of it. */
export const RETIRED_KEY_SECONDS = 24 * 60 * 60;

// Verifiers tolerate clocks that are wrong by less than this.
const CLOCK_SKEW_MS = 60_000;
const RETIRED_KEY_KEPT_MS = RETIRED_KEY_SECONDS * 1_000 + CLOCK_SKEW_MS;

export function signingKey<Key extends Scheduled>(
  keys: readonly [Key, ...Key[]],
  nowMs: number,
): Key {
  return keys.findLast((key) => key.signsFromMs <= nowMs) ?? keys[0];
}

/** Without the keys that no token still valid can be signed by. */
export function keysStillNeeded<Key extends Scheduled>(
  keys: readonly Key[],
  nowMs: number,
): readonly Key[] {
  return keys.filter((_, index) => {
    const successor = keys[index + 1];
    return successor === undefined || nowMs < successor.signsFromMs + RETIRED_KEY_KEPT_MS;
  });
}

/**
 * When the next key to be made shall sign. Undefined while one is waiting: a key is published a whole period before it
 * signs, so a verifier with cached keys knows it by then.
 */
export function nextKeySignsFromMs(
  keys: readonly Scheduled[],
  nowMs: number,
  rotationMs: number,
): number | undefined {
  const newest = keys.at(-1);
  if (newest === undefined) return nowMs;
  return newest.signsFromMs <= nowMs ? nowMs + rotationMs : undefined;
}
