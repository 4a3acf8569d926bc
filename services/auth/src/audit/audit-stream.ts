import { randomUUID } from 'node:crypto';
import { readAuditEvent, storedAuditEvents, type AuditEvent } from '@skynet/contracts';
import { derivedId, type NewEvent, type StoredEvent } from '@skynet/platform';

const SYSTEM = 'skynet';

/** The events of one append. */
export function commitOf(events: readonly AuditEvent[], timeMs: number): NewEvent[] {
  const id = randomUUID();
  return events.map((event, index) => ({
    id: derivedId('audit', id, index),
    type: event.type,
    version: storedAuditEvents.versionOf(event.type),
    timeMs,
    data: event.data,
    metadata: {
      correlationId: 'audit',
      causationId: '',
      tenant: SYSTEM,
      principal: 'auth',
      epoch: 0,
      commit: { id, index, size: events.length },
    },
  }));
}

/** An event and where it stands. */
export interface PlacedEvent {
  readonly revision: number;
  readonly event: AuditEvent;
}

/** @throws Error when it is no event of the chain */
export function placed(stored: StoredEvent): PlacedEvent {
  return { revision: stored.revision, event: readAuditEvent(stored) };
}
