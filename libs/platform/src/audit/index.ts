export { recordAfter, type ChainTail, type Received } from './audit-chain.js';
export { auditKeysSchema, signCheckpoint, type AuditKeys } from './audit-checkpoint.js';
export type { Arrival, AuditIntake } from './audit-intake.port.js';
export { MemoryAuditIntake } from './memory-audit-intake.adapter.js';
export { verifyAudit, type AuditVerdict } from './verify-audit.js';
