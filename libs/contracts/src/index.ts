export {
  accessClaimsSchema,
  type ClientChanges,
  clientChangesSchema,
  type ClientEvent,
  clientEventSchemas,
  type ClientView,
  clientViewSchema,
  type ClientWithSecret,
  clientWithSecretSchema,
  everydayScopes,
  hasRole,
  isClientEvent,
  isRevoked,
  MAX_ACCESS_TOKEN_SECONDS,
  MAX_LOGIN_SECONDS,
  type NewClient,
  newClientSchema,
  type NewUser,
  newUserSchema,
  passwordHashSchema,
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
  revocationSchema,
  type Role,
  roleSchema,
  type Scope,
  scopeOfTool,
  scopeSchema,
  scopesNamed,
  scopesOf,
  scopesOfRoles,
  type SecretRotation,
  secretRotationSchema,
  type UserChanges,
  userChangesSchema,
  type UserEvent,
  userEventSchemas,
  type UserView,
  userViewSchema,
} from './access/index.js';
export {
  AUDIT_TEXT_LENGTHS,
  type AuditAnswer,
  auditAnswerSchemas,
  type AuditEntry,
  auditEntrySchema,
  type AuditEvent,
  auditEventSchemas,
  type AuditOutcome,
  auditOutcomeSchema,
  type AuditQuery,
  type AuditRecord,
  type AuditRequest,
  auditRequestSchemas,
  readAuditEvent,
  storedAuditEvents,
} from './audit/index.js';
export { AGENT_ROW_BUCKETS, AGENT_ROWS, AGENT_ROWS_POINTER } from './agents/index.js';
export { type AgentCommandData, agentCommandSchemas, topicSchema } from './agents/index.js';
export { type AgentCommandType, type AgentEvent, type AgentEventData } from './agents/index.js';
export { agentEventSchemas, type AgentEventType, type AgentRow } from './agents/index.js';
export { agentRowSchema, type AgentSpec, type AgentStateView } from './agents/index.js';
export { type AgentStatus, agentStatusSchema, type Attachment } from './agents/index.js';
export { type AgentViewHint, agentViewHintSchema, type ArchivedCommit } from './agents/index.js';
export { archivedCommitSchema } from './agents/index.js';
export { type EndStatus, type Failure, faultOfServerName } from './agents/index.js';
export { type ForkedEffect, type ForkPlan, GRANT_SEPARATOR, agentEnds } from './agents/index.js';
export { agentSteps, endsAgent, endsOwnRun, isEnd, type Limits } from './agents/index.js';
export { type ListedEvent, type OnParentClose } from './agents/index.js';
export { type Price, priceSchema, type Query, type QueryAnswer } from './agents/index.js';
export { queryAnswerSchemas, type QueryRequest, queryRequestSchemas } from './agents/index.js';
export { dataOfAgentEvent, readAgentEvent, readUntrustedAgentEvent } from './agents/index.js';
export { type RebuildAnswer, rebuildAnswerSchema, type RequestedLimits } from './agents/index.js';
export { type BoardView, type Extension, extensionSchema } from './agents/index.js';
export { requestedLimitsSchema, type Said, SHOWN_TEXT_CHARS } from './agents/index.js';
export { type SpawnArguments, spawnArgumentsSchema, type Spent } from './agents/index.js';
export { splitToolName, storedAgentEvents, type Task, toolGrantSchema } from './agents/index.js';
export { TEMPLATE_VERSION_CHARS, type Usage, type Verification } from './agents/index.js';
export { verificationSchema, type ViewsCheckAnswer } from './agents/index.js';
export { viewsCheckAnswerSchema, viewsCheckRequestSchema } from './agents/index.js';
export {
  type AgentId,
  agentIdOf,
  agentIdOfStream,
  agentIdSchema,
  type AgentText,
  agentTexts,
  agentTextSchema,
  authLogCategories,
  type ClientContext,
  COMMAND_VALID_MS,
  type CommandEnvelope,
  commandEnvelopeSchema,
  type CommandReply,
  commandReplySchema,
  type EventMetadata,
  INLINE_TEXT_MAX_BYTES,
  type PayloadRef,
  payloadRefSchema,
  principalSchema,
  queries,
  REPLY_HEADER,
  type StoredShape,
  StrangeStreamError,
  streamNames,
  streams,
  subjects,
  tenantSchema,
  type Text,
  TEXT_HINT_MAX_BYTES,
  TEXT_WANTED_MS,
  textWantedSchema,
  type TextWish,
  type TreeTrace,
  treeTraces,
  UnknownEventError,
  UnreadableEventError,
} from './envelope/index.js';
export {
  errorCodes,
  errorCodeSchema,
  rejection,
  rejectionSchema,
  retryableCodes,
  type ErrorCode,
} from './errors/codes.js';
export {
  allBuckets,
  type ApprovedTool,
  type Bucket,
  buckets,
  type AutoReport,
  type DefaultModel,
  type ProvidersAnswer,
  providersAnswerSchema,
  type RegistryFinding,
  type RegistryReport,
  registryReportSchema,
  type RetentionAnswer,
  retentionAnswerSchema,
  type RetentionRequest,
  retentionRequestSchema,
  streamOfBucket,
  type ToolApprovalAnswer,
  NOTE_KEY_MAX,
  NOTE_VALUE_MAX,
  notesAnswerSchema,
  notesRequestSchema,
  type NotesAnswer,
  type NotesRequest,
  toolApprovalAnswerSchema,
  type ToolApprovalRequest,
  toolApprovalRequestSchema,
  type ToolLoginAnswer,
  toolLoginAnswerSchema,
  type ToolLoginRequest,
  toolLoginRequestSchema,
  type ToolServersAnswer,
  toolServersAnswerSchema,
  toolServersRequestSchema,
  type ToolServerView,
} from './operating/index.js';
export { type AllTemplatesAnswer, allTemplatesAnswerSchema } from './operating/index.js';
export { APPEND_GRACE_MS, DEFAULT_WORKER_CLASS, SLOT_KEPT_MS } from './scheduling/dispatch.js';
export { runItemSchema, workerHeartbeatSchema } from './scheduling/dispatch.js';
export { slotsFreeSchema, slotsLentSchema, slotsWantedSchema } from './scheduling/dispatch.js';
export type { RunItem, WorkerHeartbeat } from './scheduling/dispatch.js';
export type { SlotsFree, SlotsLent, SlotsWanted } from './scheduling/dispatch.js';
export { readScheduleEvent, scheduleEventSchemas } from './scheduling/schedule-events.js';
export { storedScheduleEvents, type ScheduleEvent } from './scheduling/schedule-events.js';
export type { ScheduleDefinition } from './scheduling/schedule-events.js';
export { scheduleAnswerSchemas, scheduleRequestSchemas } from './scheduling/schedule-requests.js';
export type { ScheduleAnswer, ScheduleRequest } from './scheduling/schedule-requests.js';
export { MAX_AHEAD_SECONDS, type ScheduleView } from './scheduling/schedule-requests.js';
export { spawnCheckAnswerSchema, spawnCheckRequestSchema } from './scheduling/spawn-check.js';
export { treeWaitAnswerSchema, treeWaitRequestSchema } from './scheduling/tree-wait.js';
export type { TreeWaitAnswer } from './scheduling/tree-wait.js';
export {
  type ListTenantsAnswer,
  listTenantsAnswerSchema,
  listTenantsRequestSchema,
  type QuotaChanges,
  readTenantEvent,
  type SetQuotasAnswer,
  setQuotasAnswerSchema,
  type SetQuotasRequest,
  setQuotasRequestSchema,
  storedTenantEvents,
  type TenantEvent,
  type TenantQuotas,
  type TenantView,
} from './tenants/index.js';
export { asMeant } from './arguments/as-meant.js';
export {
  ATTACHMENT_MAX_BYTES,
  attachmentIdSchema,
  type AttachmentInput,
  attachmentShape,
  type AttachmentShape,
  INLINE_ATTACHMENTS_MAX_CHARS,
} from './arguments/attachments.js';
export { outputSchemaSchema } from './arguments/output-schema.js';
export { type StatusShape } from './tools/agent-shapes.js';
export { auditActNames } from './catalogue/audited-acts.js';
export { toolCatalogue, type ToolName } from './catalogue/tool-catalogue.js';
export {
  answerAgentTool,
  extendAgentTool,
  pauseAgentTool,
  resumeAgentTool,
  sendAgentMessageTool,
  terminateAgentTool,
} from './tools/control-agent.js';
export { exportAgentTool } from './tools/export-agent.js';
export { forkAgentTool, retryAgentTool } from './tools/fork-agent.js';
export { getAgentEventsTool } from './tools/get-agent-events.js';
export {
  getAgentResultTool,
  RESULT_PAGE_CHARS,
  type ResultShape,
} from './tools/get-agent-result.js';
export { explainFailureTool, type FailureExplanation } from './tools/insight/explain-failure.js';
export { getAgentStatusTool } from './tools/get-agent-status.js';
export { listAgentsTool } from './tools/list-agents.js';
export { listAuditTool } from './tools/list-audit.js';
export { replayAgentTool } from './tools/replay-agent.js';
export type { ScheduleShape } from './tools/schedules.js';
export { getTenantTool, getUsageTool, setTenantQuotasTool } from './tools/tenants.js';
export type { UsageReportShape, UsageShape } from './tools/tenants.js';
export type { ModelUse, OpenCall, ToolUse } from './usage/call-use.js';
export { DAY_MS, dayStartMs } from './usage/days.js';
export { usageGroupingSchema, type UsageGrouping, type UsageSums } from './usage/usage-report.js';
export { type RequestedStrategy, strategySchema } from './arguments/strategy.js';
export { type ListedStrategy, listedStrategySchema } from './arguments/strategy.js';
export { cancelScheduleTool, listSchedulesTool, scheduleAgentTool } from './tools/schedules.js';
export { spawnAgentTool } from './tools/spawn-agent.js';
export type { ToolAudit, ToolContract, ToolHints } from './tools/tool-contract.js';
export { waitAgentTool } from './tools/wait-agent.js';
