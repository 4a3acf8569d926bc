import type { Act, AuditTrail } from '@skynet/platform';

/** Keeps what it is told. */
export class RecordingAuditTrail implements AuditTrail {
  readonly acts: Act[] = [];

  async record(act: Act): Promise<void> {
    this.acts.push(act);
  }
}
