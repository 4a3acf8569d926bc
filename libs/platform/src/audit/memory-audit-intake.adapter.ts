import type { Received } from './audit-chain.js';
import type { Arrival, AuditIntake, IntakePlace } from './audit-intake.port.js';

/** For tests. */
export class MemoryAuditIntake implements AuditIntake {
  private readonly arrivals: Arrival[] = [];
  private wake = (): void => undefined;
  private came = new Promise<void>((resolve) => (this.wake = resolve));
  /** Everything up to here was forgotten. */
  forgotten = 0;

  constructor(private readonly stream = 'memory') {}

  /** As if a service told it. */
  tell(...told: readonly Omit<Received, 'source'>[]): void {
    for (const { service, entry } of told) {
      const source = { stream: this.stream, sequence: this.arrivals.length + 1 };
      this.arrivals.push({ kind: 'entry', received: { service, entry, source } });
    }
    this.announce();
  }

  /** As if something came that is no entry. */
  tellNonsense(service: string): void {
    const place = { stream: this.stream, sequence: this.arrivals.length + 1 };
    this.arrivals.push({ kind: 'damaged', place, service });
    this.announce();
  }

  async *after(
    place: IntakePlace | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Arrival[], void, undefined> {
    let read = place?.stream === this.stream ? place.sequence : 0;
    const aborted = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    while (!signal.aborted) {
      const { came } = this;
      const arrivals = this.arrivals.slice(read);
      read += arrivals.length;
      if (arrivals.length > 0) yield arrivals;
      else await Promise.race([came, aborted]);
    }
  }

  async forget({ stream, sequence }: IntakePlace): Promise<void> {
    if (stream === this.stream) this.forgotten = Math.max(this.forgotten, sequence);
  }

  private announce(): void {
    const { wake } = this;
    this.came = new Promise((resolve) => (this.wake = resolve));
    wake();
  }
}
