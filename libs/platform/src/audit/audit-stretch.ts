import { hashOfRecord } from './audit-chain.js';
import type { ReadRecord } from './audit-export.js';

/** `removed` and `cut`: nothing stands there, with or without anything behind it. */
export type FaultKind = 'altered' | 'removed' | 'reordered' | 'added' | 'cut' | 'unsigned';

export interface AuditFault {
  /** The first record that is not as it was. */
  readonly seq: number;
  readonly kind: FaultKind;
  readonly message: string;
}

/** What stands between two signatures. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
  /** Of the last record, signed. */
  readonly hash: string;
  readonly before: string | undefined;
  readonly hasUnreadable: boolean;
}

/** The first record of a stretch that is not as the signature at its end says. */
export function firstFault(
  records: readonly ReadRecord[],
  stretch: Stretch,
): AuditFault | undefined {
  const [order, content] = [orderFault(records, stretch), contentFault(records, stretch)];
  if (order === undefined || content === undefined) return order ?? content;
  return content.seq < order.seq ? content : order;
}

/** Every record once, in its place. */
function orderFault(records: readonly ReadRecord[], stretch: Stretch): AuditFault | undefined {
  const { first, last, hasUnreadable } = stretch;
  const there = new Set(records.map(({ seq }) => seq));
  let expected = first;
  for (const { seq } of records) {
    if (seq === expected) {
      expected += 1;
    } else if (seq < expected) {
      return fault(seq, 'added', `record ${seq} stands there twice`);
    } else if (there.has(expected)) {
      return fault(expected, 'reordered', `record ${expected} stands behind record ${seq}`);
    } else {
      return gone(expected, hasUnreadable, false);
    }
  }
  return expected <= last ? gone(expected, hasUnreadable, true) : undefined;
}

function gone(seq: number, hasUnreadable: boolean, isEnd: boolean): AuditFault {
  if (hasUnreadable) return fault(seq, 'altered', `record ${seq} can not be read any more`);
  return isEnd
    ? fault(seq, 'cut', `record ${seq} and those behind it are missing`)
    : fault(seq, 'removed', `record ${seq} is missing`);
}

/** From the signature backwards: each good record vouches for the one before it. */
function contentFault(records: readonly ReadRecord[], stretch: Stretch): AuditFault | undefined {
  const bySeq = new Map(records.map(({ seq, raw }) => [seq, raw]));
  let found: AuditFault | undefined;
  let expected: string | undefined = stretch.hash;
  for (let seq = stretch.last; seq >= stretch.first; seq -= 1) {
    const raw = bySeq.get(seq);
    if (raw === undefined) {
      expected = undefined;
      continue;
    }
    const content = hashOfRecord(raw);
    const isSound = content === raw['hash'] && (expected ?? content) === content;
    if (!isSound) {
      found = fault(seq, 'altered', `record ${seq} is not what was signed`);
      expected = undefined;
    } else {
      expected = String(raw['prev']);
    }
  }
  // The first one names the last of the stretch before, which a signature vouches for.
  const { before, first } = stretch;
  if (before === undefined || expected === undefined || expected === before) return found;
  return fault(first, 'altered', `record ${first} does not follow the one before it`);
}

export function fault(seq: number, kind: FaultKind, message: string): AuditFault {
  return { seq, kind, message };
}
