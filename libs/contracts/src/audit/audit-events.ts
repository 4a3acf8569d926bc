import type { z } from 'zod';
import { StoredEvents, type EventOf, type StoredShape } from '../envelope/stored-events.js';
import { auditV1 } from './stored/audit-v1.js';

/** The newest stored version of each event of the audit chain, by type. */
export const auditEventSchemas = { ...auditV1 } as const;

export type AuditEvent = EventOf<typeof auditEventSchemas>;
export type AuditRecord = z.infer<(typeof auditEventSchemas)['ActRecorded']>;
export type AuditCheckpoint = z.infer<(typeof auditEventSchemas)['CheckpointSigned']>;

/** Every version that any release has stored. */
export const storedAuditEvents = new StoredEvents(auditEventSchemas);

/** A stored event in its newest shape, every field checked. */
export function readAuditEvent(stored: StoredShape): AuditEvent {
  return storedAuditEvents.readUntrusted(stored);
}
