export {
  AUDIT_TEXT_LENGTHS,
  auditActs,
  auditEntrySchema,
  auditOutcomeSchema,
  type AuditEntry,
  type AuditOutcome,
} from './audit-entry.js';
export {
  auditEventSchemas,
  readAuditEvent,
  storedAuditEvents,
  type AuditEvent,
  type AuditRecord,
} from './audit-events.js';
export {
  auditAnswerSchemas,
  auditRequestSchemas,
  type AuditAnswer,
  type AuditQuery,
  type AuditRequest,
} from './audit-queries.js';
