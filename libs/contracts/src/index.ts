export {
  accessClaimsSchema,
  type ClientChanges,
  clientChangesSchema,
  type ClientEvent,
  clientEventSchemas,
  clientIdSchema,
  type ClientView,
  clientViewSchema,
  type ClientWithSecret,
  clientWithSecretSchema,
  everydayScopes,
  hasRole,
  isClientEvent,
  isRevoked,
  LOGINS,
  MAX_ACCESS_TOKEN_SECONDS,
  MAX_LOGIN_SECONDS,
  type NewClient,
  newClientSchema,
  type NewUser,
  newUserSchema,
  passwordHashSchema,
  passwordSchema,
  type Principal,
  type PrincipalEvent,
  principalEventVersion,
  readClientEvent,
  readPrincipalEvent,
  readUserEvent,
  type RevocableClaims,
  revocableClaimsSchema,
  type Revocation,
  revocationKeys,
  REVOCATIONS,
  revocationSchema,
  type Role,
  roleSchema,
  type Scope,
  scopeOfTool,
  scopeSchema,
  scopesNamed,
  scopesOf,
  scopesOfRoles,
  secretHashSchema,
  type SecretRotation,
  secretRotationSchema,
  storedClientEvents,
  storedUserEvents,
  type UserChanges,
  userChangesSchema,
  type UserEvent,
  userEventSchemas,
  type UserEventType,
  userNameSchema,
  type UserView,
  userViewSchema,
} from './access/index.js';
export {
  AUDIT_TEXT_LENGTHS,
  auditActs,
  type AuditCheckpoint,
  type AuditEntry,
  auditEntrySchema,
  type AuditEvent,
  auditEventSchemas,
  type AuditOutcome,
  auditOutcomeSchema,
  type AuditRecord,
  auditTargetSchema,
  readAuditEvent,
  storedAuditEvents,
} from './audit/index.js';
export {
  AGENT_ROW_BUCKETS,
  AGENT_ROWS,
  AGENT_ROWS_POINTER,
  agentRowSchema,
  agentViewHintSchema,
  type AgentRow,
  type AgentViewHint,
} from './agents/agent-row.js';
export {
  agentSpecSchema,
  onParentCloseSchema,
  priceSchema,
  resolvedModelSchema,
  taskSchema,
  type AgentSpec,
  type OnParentClose,
  type Price,
  type ResolvedModel,
  type Task,
} from './agents/agent-spec.js';
export {
  agentCommandSchemas,
  spawnArgumentsSchema,
  type AgentCommandData,
  type AgentCommandType,
  type SpawnArguments,
} from './agents/commands.js';
export {
  agentEventSchemas,
  readAgentEvent,
  readUntrustedAgentEvent,
  storedAgentEvents,
  type AgentEvent,
  type AgentEventData,
  type AgentEventType,
} from './agents/events.js';
export {
  limitsSchema,
  requestedLimitsSchema,
  spentSchema,
  usageSchema,
  type Limits,
  type RequestedLimits,
  type Spent,
  type Usage,
} from './agents/limits.js';
export {
  listedEventSchema,
  queryAnswerSchemas,
  queryRequestSchemas,
  type ListedEvent,
  type Query,
  type QueryAnswer,
  type QueryRequest,
} from './agents/queries.js';
export {
  faultOfServerName,
  GRANT_SEPARATOR,
  splitToolName,
  toolGrantSchema,
} from './agents/tool-grant.js';
export { rebuildAnswerSchema, type RebuildAnswer } from './agents/rebuild.js';
export {
  viewsCheckAnswerSchema,
  viewsCheckRequestSchema,
  type ViewsCheckAnswer,
  type ViewsCheckRequest,
} from './agents/views-check.js';
export {
  agentStateViewSchema,
  archivedCommitSchema,
  forkPlanSchema,
  SHOWN_TEXT_CHARS,
  verificationSchema,
  type AgentStateView,
  type ArchivedCommit,
  type ForkedEffect,
  type ForkPlan,
  type Said,
  type Verification,
} from './agents/replay-queries.js';
export {
  agentStatusSchema,
  endStatusSchema,
  failureSchema,
  isEnd,
  terminalStatuses,
  type AgentStatus,
  type EndStatus,
  type Failure,
} from './agents/status.js';
export {
  COMMAND_VALID_MS,
  commandEnvelopeSchema,
  commandReplySchema,
  REPLY_HEADER,
  type CommandEnvelope,
  type CommandReply,
} from './envelope/command.js';
export { eventMetadataSchema, type EventMetadata } from './envelope/event-metadata.js';
export {
  agentIdOf,
  agentIdSchema,
  principalSchema,
  tenantSchema,
  type AgentId,
} from './envelope/ids.js';
export {
  INLINE_TEXT_MAX_BYTES,
  payloadRefSchema,
  textSchema,
  type PayloadRef,
  type Text,
} from './envelope/payload.js';
export {
  StrangeStreamError,
  UnknownEventError,
  UnreadableEventError,
} from './envelope/stored-event-errors.js';
export type { StoredShape } from './envelope/stored-events.js';
export { agentIdOfStream, streamNames } from './envelope/stream-names.js';
export { queries, streams, subjects } from './envelope/subjects.js';
export {
  errorCodes,
  errorCodeSchema,
  rejection,
  rejectionSchema,
  retryableCodes,
  type ErrorCode,
} from './errors/codes.js';
export {
  type ApprovedTool,
  approvedToolSchema,
  type RegistryFinding,
  registryFindingSchema,
  type RegistryReport,
  registryReportSchema,
  TOOL_PINS,
  type ToolApprovalAnswer,
  toolApprovalAnswerSchema,
  type ToolApprovalRequest,
  toolApprovalRequestSchema,
  type ToolServersAnswer,
  toolServersAnswerSchema,
  type ToolServersRequest,
  toolServersRequestSchema,
  type ToolServerView,
  toolServerViewSchema,
} from './operating/index.js';
export {
  DEFAULT_WORKER_CLASS,
  runItemSchema,
  workerHeartbeatSchema,
  type RunItem,
  type WorkerHeartbeat,
} from './scheduling/dispatch.js';
export { asMeant } from './tools/as-meant.js';
export { statusShape, type StatusShape } from './tools/agent-shapes.js';
export { auditActNames } from './tools/audited-acts.js';
export { toolCatalogue, type ToolName } from './tools/catalogue.js';
export {
  answerAgentTool,
  pauseAgentTool,
  resumeAgentTool,
  terminateAgentTool,
} from './tools/control-agent.js';
export { exportAgentTool } from './tools/export-agent.js';
export { forkAgentTool } from './tools/fork-agent.js';
export { getAgentEventsTool } from './tools/get-agent-events.js';
export { getAgentResultTool, RESULT_PAGE_CHARS } from './tools/get-agent-result.js';
export { getAgentStatusTool } from './tools/get-agent-status.js';
export { listAgentsTool } from './tools/list-agents.js';
export { replayAgentTool } from './tools/replay-agent.js';
export { spawnAgentTool } from './tools/spawn-agent.js';
export type { ToolAudit, ToolContract, ToolHints } from './tools/tool-contract.js';
export { WAIT_MAX_SECONDS, waitAgentTool } from './tools/wait-agent.js';
