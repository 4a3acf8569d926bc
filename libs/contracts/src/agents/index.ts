export {
  AGENT_ROW_BUCKETS,
  AGENT_ROWS,
  AGENT_ROWS_POINTER,
  agentRowSchema,
  agentViewHintSchema,
  type AgentRow,
  type AgentViewHint,
} from './agent-row.js';
export {
  priceSchema,
  type AgentSpec,
  type Attachment,
  type OnParentClose,
  type Price,
  type Task,
} from './agent-spec.js';
export {
  agentCommandSchemas,
  topicSchema,
  spawnArgumentsSchema,
  type AgentCommandData,
  type AgentCommandType,
  type SpawnArguments,
} from './commands.js';
export {
  agentEventSchemas,
  dataOfAgentEvent,
  readAgentEvent,
  readUntrustedAgentEvent,
  storedAgentEvents,
  type AgentEvent,
  type AgentEventData,
  type AgentEventType,
} from './events.js';
export {
  extensionSchema,
  requestedLimitsSchema,
  type Extension,
  type Limits,
  type RequestedLimits,
  type Spent,
  type Usage,
} from './limits.js';
export {
  queryAnswerSchemas,
  queryRequestSchemas,
  type BoardView,
  type ListedEvent,
  type Query,
  type QueryAnswer,
  type QueryRequest,
} from './queries.js';
export {
  faultOfServerName,
  GRANT_SEPARATOR,
  splitToolName,
  toolGrantSchema,
} from './tool-grant.js';
export { rebuildAnswerSchema, type RebuildAnswer } from './rebuild.js';
export {
  viewsCheckAnswerSchema,
  viewsCheckRequestSchema,
  type ViewsCheckAnswer,
} from './views-check.js';
export {
  archivedCommitSchema,
  SHOWN_TEXT_CHARS,
  verificationSchema,
  type AgentStateView,
  type ArchivedCommit,
  type ForkedEffect,
  type ForkPlan,
  type Said,
  type Verification,
} from './replay-queries.js';
export { TEMPLATE_VERSION_CHARS } from './template-view.js';
export { agentSteps } from './agent-steps.js';
export { agentEnds, endsAgent, endsOwnRun } from './ends.js';
export {
  agentStatusSchema,
  isEnd,
  type AgentStatus,
  type EndStatus,
  type Failure,
} from './status.js';
