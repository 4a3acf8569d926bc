import type { Received } from './audit-chain.js';

/** Place of an entry in the stream that services tell acts by. */
export type IntakePlace = Received['source'];

/** An entry that came, or something else that a service sent. */
export type Arrival =
  | { readonly kind: 'entry'; readonly received: Received }
  | { readonly kind: 'damaged'; readonly place: IntakePlace; readonly service: string };

/** Acts on their way to the chain. */
export interface AuditIntake {
  /**
   * Follows what came behind the place, in order and without gaps, for ever; what comes together is handed over together,
   * 100 at most. A place of another stream is none: reading begins at the start. To be iterated once.
   *
   * @throws WorldError when the stream can't be read any more
   */
  after(place: IntakePlace | undefined, signal: AbortSignal): AsyncIterable<readonly Arrival[]>;
  /** Forgets what came up to the place. Safe to repeat. */
  forget(place: IntakePlace): Promise<void>;
}
