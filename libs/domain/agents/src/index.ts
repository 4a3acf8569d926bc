export { agentDecider, type AgentDecider } from './decisions/agent.decider.js';
export type {
  AgentCommand,
  AgentCommandName,
  AgentCommandOf,
  CheckedOutput,
  InputRequest,
  ModelOutcome,
  RequestedCall,
  RunContext,
  ToolOutcome,
} from './agent/agent-command.js';
export { SUMMARY_REQUEST_BYTES } from './compaction/request-size.js';
export { agentRowProjection } from './agent-row.projection.js';
export { NO_USAGE, NOTHING_SPENT, plusSpent } from './agent/spent.js';
export { isFailedByDamage, rowSetAside } from './row-set-aside.js';
export {
  isForMessage,
  isLive,
  isSpawned,
  liveChildren,
  modelOf,
  statusOf,
  type AgentState,
  type OpenModelCall,
  type RecoveryPolicy,
  type SpawnedAgent,
} from './agent/agent-state.js';
export { chooseModel, type ModelChoice } from './choosing/choose-model.js';
export type {
  Candidate,
  MeasuredModel,
  Preference,
  Skill,
  TaskFacts,
} from './choosing/task-facts.js';
export { estimateOf } from './choosing/task-estimate.js';
export { refusalOf } from './choosing/task-needs.js';
export { available } from './agent/available.js';
export { rootLimits } from './decisions/budget.js';
export { takesMore } from './extending/extending.js';
export { allOf, childEndAfter, childEndOf } from './child-end.js';
export { newAgent } from './evolution/spawning.js';
export { CURRENT_RULES } from './decisions/rules.js';
export { wakesWith } from './decisions/waking.js';
export {
  textBytes,
  type ChildReport,
  type ConversationEntry,
  type StoredImage,
  type ToolCall,
} from './agent/conversation.js';
export { isWide, labelledMessage, shownName, TOPIC } from './agent/message-text.js';
export {
  AGENT_STATE_SCHEMA,
  snapshotToState,
  stateToSnapshot,
  type AgentSnapshot,
} from './snapshot.js';
export { askedAs } from './compaction/summariser.js';
export type { CausedEvent } from './evolution/evolve.js';
export { isGranted } from './decisions/grants.js';
export {
  commitOf,
  decisionAt,
  type DecisionEvents,
  type LoggedEvent,
} from './replay/logged-event.js';
export type { ReplayFacts } from './replay/replay-facts.js';
export { recordedCall, type RecordedCall } from './replay/recorded-outcome.js';
export { Verification, type Divergence, type Prompt } from './replay/verification.js';
