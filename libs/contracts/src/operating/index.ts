export { allTemplatesAnswerSchema, type AllTemplatesAnswer } from './all-templates.js';
export { allBuckets, buckets, streamOfBucket, type Bucket } from './buckets.js';
export {
  NOTE_KEY_MAX,
  NOTE_VALUE_MAX,
  notesAnswerSchema,
  notesRequestSchema,
  type NotesAnswer,
  type NotesRequest,
} from './notes.js';
export { providersAnswerSchema, type ProvidersAnswer } from './providers.js';
export {
  registryReportSchema,
  type AutoReport,
  type DefaultModel,
  type RegistryFinding,
  type RegistryReport,
} from './registry-finding.js';
export {
  retentionAnswerSchema,
  retentionRequestSchema,
  type RetentionAnswer,
  type RetentionRequest,
} from './retention.js';
export {
  toolApprovalAnswerSchema,
  toolApprovalRequestSchema,
  type ApprovedTool,
  type ToolApprovalAnswer,
  type ToolApprovalRequest,
} from './tool-approval.js';
export {
  toolLoginAnswerSchema,
  toolLoginRequestSchema,
  type ToolLoginAnswer,
  type ToolLoginRequest,
} from './tool-login.js';
export {
  toolServersAnswerSchema,
  toolServersRequestSchema,
  type ToolServersAnswer,
  type ToolServerView,
} from './tool-servers.js';
