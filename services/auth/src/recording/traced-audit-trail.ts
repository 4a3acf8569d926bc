import { activeTrace, formatTraceparent, type Act, type AuditTrail } from '@skynet/platform';

/** Tells acts with the trace of the request that they came with. */
export class TracedAuditTrail implements AuditTrail {
  constructor(private readonly trail: AuditTrail) {}

  record(act: Act): Promise<void> {
    const trace = activeTrace();
    if (trace === undefined) return this.trail.record(act);
    return this.trail.record({ traceparent: formatTraceparent(trace), ...act });
  }
}
