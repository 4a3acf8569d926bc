export { allBuckets, buckets, type Bucket } from './buckets.js';
export {
  registryFindingSchema,
  registryReportSchema,
  type RegistryFinding,
  type RegistryReport,
} from './registry-finding.js';
export {
  approvedToolSchema,
  toolApprovalAnswerSchema,
  toolApprovalRequestSchema,
  type ApprovedTool,
  type ToolApprovalAnswer,
  type ToolApprovalRequest,
} from './tool-approval.js';
export {
  toolServersAnswerSchema,
  toolServersRequestSchema,
  toolServerViewSchema,
  type ToolServersAnswer,
  type ToolServersRequest,
  type ToolServerView,
} from './tool-servers.js';
