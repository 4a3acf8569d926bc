import type { AuditEntry, AuditRecord } from '@skynet/contracts';
import { hashOf } from '../runtime/hashing.js';

/** `prev` of the first record. */
export const CHAIN_START = '0'.repeat(64);

/** The newest record, as far as the next one needs it. */
export type ChainTail = Pick<AuditRecord, 'seq' | 'hash'>;

export interface Received {
  readonly service: string;
  readonly entry: AuditEntry;
  readonly source: AuditRecord['source'];
}

/** The record that follows the tail; undefined: the chain begins with it. */
export function recordAfter(tail: ChainTail | undefined, received: Received): AuditRecord {
  const { service, entry, source } = received;
  const fields = {
    seq: tail === undefined ? 0 : tail.seq + 1,
    service,
    entry,
    source,
    prev: tail?.hash ?? CHAIN_START,
  };
  return { ...fields, hash: hashOf(fields) };
}

/** What `hash` must be: of all other fields, known or not, so that none can be added. */
export function hashOfRecord(record: object): string {
  return hashOf({ ...record, hash: undefined });
}
