import type { AuditEntry } from '@skynet/contracts';

/** An act before it has an id and a time. Texts that are too long are cut. */
export type Act = Omit<AuditEntry, 'id' | 'timeMs'>;

/** Where a service tells what people and clients did, or wanted to do. */
export interface AuditTrail {
  /**
   * Resolves when the entry is stored, or when 2 s are over: then it is sent again until it is, in the background. Never
   * rejects. Entries of one process are stored in the order of the calls while NATS answers. Entries without a principal
   * are bounded: beyond 100 at once and 10 a second they are counted, and recorded each minute as one `omitted`.
   */
  record(act: Act): Promise<void>;
}

/** Records nothing. */
export const noAuditTrail: AuditTrail = { record: () => Promise.resolve() };
