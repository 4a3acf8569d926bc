import { CHAIN_START } from './audit-chain.js';
import { readCheckpoint, type AuditKeys, type CheckpointClaims } from './audit-checkpoint.js';
import { readHeader, readLine, type ReadRecord } from './audit-export.js';
import { fault, firstFault, type AuditFault } from './audit-stretch.js';

export interface AuditVerdict {
  /** Absent: everything is as it was signed. */
  readonly fault?: AuditFault;
  /** Records that were looked at. */
  readonly records: number;
  readonly checkpoints: number;
  /** Of the first and last record, when the whole is sound. */
  readonly from?: number;
  readonly to?: number;
  /** When the newest signature was made, ISO 8601. */
  readonly signedAt?: string;
}

export interface VerifyOptions {
  readonly keys: AuditKeys;
  /** Checkpoints that were kept elsewhere: compact JWS. The file must agree with those that it reaches. */
  readonly known?: readonly string[];
}

/**
 * Checks an export, line by line, against public keys alone, and names the first record that is not as it was signed. Holds
 * the records between two signatures at a time.
 */
export async function verifyAudit(
  lines: AsyncIterable<string> | Iterable<string>,
  options: VerifyOptions,
): Promise<AuditVerdict> {
  const verifier = new Verifier(options);
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const fault = await verifier.take(line);
    if (fault !== undefined) return verifier.verdict(fault);
  }
  return verifier.verdict(await verifier.end());
}

class Verifier {
  private head: CheckpointClaims | undefined;
  private from = 0;
  /** Records since the last signature that was found good. */
  private stretch: ReadRecord[] = [];
  private unreadable = 0;
  /** Hash of the last record before the stretch; undefined where the file begins in the middle. */
  private before: string | undefined = CHAIN_START;
  private next = 0;
  private records = 0;
  private checkpoints = 0;
  private signedAt: string | undefined;
  private readonly known = new Map<number, CheckpointClaims>();

  constructor(private readonly options: VerifyOptions) {}

  async take(line: string): Promise<AuditFault | undefined> {
    if (this.head === undefined) return this.begin(line);
    const read = readLine(line);
    switch (read.kind) {
      case 'record':
        this.records += 1;
        this.stretch.push(read);
        return undefined;
      case 'unreadable':
        this.unreadable += 1;
        return undefined;
      case 'checkpoint':
        return this.checkpoint(read.seq, read.jws);
    }
  }

  async end(): Promise<AuditFault | undefined> {
    if (this.head === undefined) {
      return fault(this.from, 'unsigned', 'the file is empty');
    }
    return this.judge(this.head) ?? this.behindHead();
  }

  verdict(found: AuditFault | undefined): AuditVerdict {
    const { records, checkpoints, from, head, signedAt } = this;
    const counts = { records, checkpoints, ...(signedAt !== undefined && { signedAt }) };
    if (found !== undefined) return { ...counts, fault: found };
    return { ...counts, from, to: head?.seq ?? from };
  }

  private async begin(line: string): Promise<AuditFault | undefined> {
    const header = readHeader(line);
    if (header === undefined) {
      return fault(0, 'unsigned', 'the first line is no header of an audit export');
    }
    this.from = header.from;
    this.next = header.from;
    if (header.from > 0) this.before = undefined;
    const { keys, known = [] } = this.options;
    const head = await readCheckpoint(header.head, keys);
    if (head === undefined) {
      return fault(header.from, 'unsigned', 'none of the keys signed the head of the file');
    }
    this.head = head;
    this.signedAt = head.time;
    this.checkpoints = 1;
    for (const jws of known) {
      const claims = await readCheckpoint(jws, keys);
      if (claims === undefined) {
        return fault(
          header.from,
          'unsigned',
          'none of the keys signed a checkpoint kept elsewhere',
        );
      }
      if (claims.seq > head.seq) {
        const message = `the file ends with record ${head.seq}, and there was one ${claims.seq} at ${claims.time}`;
        return fault(head.seq + 1, 'cut', message);
      }
      this.known.set(claims.seq, claims);
    }
    return undefined;
  }

  private async checkpoint(seq: number, jws: string): Promise<AuditFault | undefined> {
    const claims = await readCheckpoint(jws, this.options.keys);
    if (claims?.seq !== seq) {
      // What it would have vouched for, the next one does.
      return undefined;
    }
    this.checkpoints += 1;
    // A place that was left behind says nothing new; one that is not reached yet was moved.
    const isHere = this.stretch.at(-1)?.seq === seq && seq <= (this.head?.seq ?? 0);
    return isHere ? this.judge(claims) : undefined;
  }

  /** Judges the stretch by the signature at its end. */
  private judge(anchor: CheckpointClaims): AuditFault | undefined {
    const found = firstFault(this.stretch, {
      first: this.next,
      last: anchor.seq,
      hash: anchor.hash,
      before: this.before,
      hasUnreadable: this.unreadable > 0,
    });
    const other = found ?? this.contradiction() ?? this.strangeLine();
    if (other !== undefined) return other;
    this.before = anchor.hash;
    this.next = anchor.seq + 1;
    this.stretch = this.stretch.filter(({ seq }) => seq > anchor.seq);
    return undefined;
  }

  /** The stretch agrees with itself; does it with what was kept elsewhere? */
  private contradiction(): AuditFault | undefined {
    for (const { seq, raw } of this.stretch) {
      const claims = this.known.get(seq);
      if (claims !== undefined && claims.hash !== raw['hash']) {
        const message = `record ${seq} was another one when a checkpoint was signed at ${claims.time}`;
        return fault(seq, 'altered', message);
      }
    }
    return undefined;
  }

  private strangeLine(): AuditFault | undefined {
    if (this.unreadable === 0) return undefined;
    return fault(
      this.next,
      'added',
      `a line behind record ${this.next - 1} is none of an audit export`,
    );
  }

  private behindHead(): AuditFault | undefined {
    const [added] = this.stretch;
    if (added === undefined) return undefined;
    return fault(
      added.seq,
      'added',
      `record ${added.seq} stands behind the signed end of the file`,
    );
  }
}
