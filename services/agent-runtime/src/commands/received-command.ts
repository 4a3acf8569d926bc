import { COMMAND_VALID_MS, type CommandEnvelope } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';

/** A command that came in time. */
export type ReceivedCommand = CommandEnvelope & {
  /** Monotonic milliseconds: later it changes nothing. */
  readonly lastMomentMs: number;
};

/** Undefined when it came too late. To a clock that is behind the sender's it is valid for no longer than any command. */
export function receive(
  envelope: CommandEnvelope,
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): ReceivedCommand | undefined {
  const leftMs = envelope.notAfterMs - clock.nowMs();
  if (leftMs < 0) return undefined;
  const lastMomentMs = clock.monotonicMs() + Math.min(leftMs, COMMAND_VALID_MS);
  return { ...envelope, lastMomentMs };
}
