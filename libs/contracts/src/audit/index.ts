export {
  AUDIT_TEXT_LENGTHS,
  auditActs,
  auditEntrySchema,
  auditOutcomeSchema,
  auditTargetSchema,
  type AuditEntry,
  type AuditOutcome,
} from './audit-entry.js';
export {
  auditEventSchemas,
  readAuditEvent,
  storedAuditEvents,
  type AuditCheckpoint,
  type AuditEvent,
  type AuditRecord,
} from './audit-events.js';
export {
  auditAnswerSchemas,
  auditRequestSchemas,
  type AuditAnswer,
  type AuditFilter,
  type AuditQuery,
  type AuditRequest,
} from './audit-queries.js';
