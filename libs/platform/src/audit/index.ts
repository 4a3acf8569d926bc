export { CHAIN_START, recordAfter, type ChainTail, type Received } from './audit-chain.js';
export {
  auditKeysSchema,
  readCheckpoint,
  signCheckpoint,
  type AuditKeys,
  type CheckpointKey,
} from './audit-checkpoint.js';
export type { ExportHeader, ExportLine } from './audit-export.js';
export type { Arrival, AuditIntake, IntakePlace } from './audit-intake.port.js';
export { MemoryAuditIntake } from './memory-audit-intake.adapter.js';
export { verifyAudit, type AuditVerdict } from './verify-audit.js';
