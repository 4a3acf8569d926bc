export { LaggingCopy } from './doubles/lagging-copy.js';
export { ManualClock } from './doubles/manual-clock.js';
export { RecordingTracing, type RecordedSpan } from './doubles/recording-tracing.js';
export { RecordingAuditTrail } from './doubles/recording-audit-trail.js';
export { recordingLogger } from './doubles/recording-logger.js';
export {
  aCommand,
  agentAdmitted,
  agentSpawned,
  runStarted,
  anAgentId,
  aSpec,
  BUILT_AT_MS,
  childEnded,
  childReserved,
  someLimits,
  withoutCause,
} from './builders/agents.js';
export {
  callingTool,
  secondRun,
  takenOver,
  TOOL_CALL_ID,
  toolCallStarted,
} from './builders/tool-calls.js';
export {
  startEventStoreDouble,
  type EventStoreDouble,
  type EventStoreDoubleOptions,
} from './eventstoredb/event-store-double.js';
export { writeAsStranger } from './eventstoredb/stranger.js';
export { loadHistories, type History } from './histories/load-histories.js';
export { eventStoreServerUrl } from './servers/event-store-server.config.js';
export { CERTIFICATE, startHttpsServer, type HttpsServer } from './servers/https-server.js';
export { startMessagesApi, type MessagesApi } from './servers/messages-api.js';
export { messageEvents, type MessagesAnswer } from './servers/messages-events.js';
export { chatDialect } from './model-apis/chat-dialect.js';
export { converseDialect } from './model-apis/converse-dialect.js';
export { geminiDialect } from './model-apis/gemini-dialect.js';
export { messagesDialect } from './model-apis/messages-dialect.js';
export { startModelApi, type ApiBehaviour } from './model-apis/model-api.js';
export { responsesDialect } from './model-apis/responses-dialect.js';
export {
  startOtlpGrpcReceiver,
  startOtlpReceiver,
  type OtlpReceiver,
} from './otlp/otlp-receiver.js';
export { testJaeger } from './otlp/jaeger.config.js';
export type { ReceivedSpan } from './otlp/received-spans.js';
export {
  startNatsCluster,
  type NatsCluster,
  type NatsClusterMember,
} from './servers/nats-cluster.js';
export { startKeyedNatsServer, type KeyedNatsServer } from './servers/keyed-nats-server.js';
export { startNatsServer } from './servers/nats-server.js';
export type { NatsServer } from './servers/nats-server.js';
export { hasRedisServer, startRedisServer, type RedisServer } from './servers/redis-server.js';
export { specifications } from './specifications/decider-specification.js';
export { agentQueriesSuite } from './suites/agent-queries.suite.js';
export { CollectedCommits } from './suites/collected-commits.js';
export {
  laggingStoreSuite,
  type LaggingStoreUnderTest,
} from './suites/event-store/event-store-lagging.suite.js';
export { eventStoreSuite, type StoreUnderTest } from './suites/event-store/event-store.suite.js';
export { eventually } from './suites/eventually.js';
export { messageBusSuite } from './suites/message-bus.suite.js';
export { payloadStoreSuite } from './suites/payload-store.suite.js';
export { commitOf, commitOfTypes, newStream, textsOf } from './suites/sample-events.js';
export { stateStoreSuite } from './suites/state-store.suite.js';
export { workQueueSuite } from './suites/work-queue.suite.js';
export { startNatsAgain } from './stack/nats-again.js';
export {
  startStack,
  startStackIn,
  type Stack,
  type StackClient,
  type ToolAnswer,
} from './stack/start-stack.js';
