/** How a server misbehaves; the fields may change while it runs. */
export interface Behaviour {
  /** Time between the receipt of a call and its effect, milliseconds. */
  delayMs: number;
  /** Where the leader is; while set, every append and read is refused as a follower refuses it. */
  leaderPort: number | undefined;
  /** So many appends are stored and then get no answer. */
  silentAppends: number;
  /** So many appends are stored and then lose their connection instead of getting an answer. */
  brokenAppends: number;
}

export function faultless(): Behaviour {
  return { delayMs: 0, leaderPort: undefined, silentAppends: 0, brokenAppends: 0 };
}

/** Resolves when a call may take effect; at once, without a turn of the event loop, where there is no delay. */
export function delayed(behaviour: Behaviour, effect: () => void): void {
  if (behaviour.delayMs === 0) effect();
  else setTimeout(effect, behaviour.delayMs);
}
