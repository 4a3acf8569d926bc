export { noAuditTrail, type Act, type AuditTrail } from './audit/audit-trail.port.js';
export { BusAuditTrail, type AuditTrailOptions } from './audit/bus-audit-trail.adapter.js';
export {
  copyLog,
  DamagedStreamError,
  digestOfLog,
  eachCommit,
  EventStoreDbEventStore,
  faultOf,
  faultOfDamage,
  firstDifference,
  hashOfCommit,
  installEventStoreDb,
  JetStreamEventStore,
  LogDigest,
  LogsDifferError,
  LogStats,
  MemoryEventStore,
  MemoryLog,
  messageOfFault,
  readStored,
  UnreadableStreamError,
  WrongExpectedRevisionError,
} from './event-store/index.js';
export type {
  AppendResult,
  Commit,
  CommitHandler,
  CopyOptions,
  Damage,
  DamageHandler,
  DigestedLog,
  EventStore,
  EventStoreDbOptions,
  ExpectedRevision,
  InstallOptions,
  JetStreamEventStoreOptions,
  LogCopy,
  LogDifference,
  LogKind,
  LogStatsReport,
  LogSummary,
  NewEvent,
  Position,
  ReadOptions,
  StoredEvent,
  StreamDigest,
  StreamFault,
  StreamStats,
  SubscribeOptions,
  Subscription,
  TypeStats,
} from './event-store/index.js';
export {
  Checkpoint,
  CHECKPOINTS,
  forgetCheckpoints,
  type CheckpointValue,
} from './execution/checkpoint.js';
export {
  CommandHandler,
  type CommandHandlerOptions,
  type Execution,
} from './execution/command-handler.js';
export { Leadership, LEASES, type LeadershipOptions, type Term } from './execution/leadership.js';
export { WORKER_LEASES, WorkerLeases } from './execution/worker-leases.js';
export { LiveBucket, type LiveBucketOptions } from './execution/live-bucket.js';
export { LogFollower, type LogFollowerOptions } from './execution/log-follower.js';
export { ProjectionLag, type ProjectionLagOptions } from './execution/projection-lag.js';
export { RowWriter, type RevisedRow } from './execution/row-writer.js';
export {
  SNAPSHOTS,
  Snapshots,
  type Snapshot,
  type SnapshotModel,
  type SnapshotParts,
} from './execution/snapshots.js';
export { StreamsSetAside } from './execution/streams-set-aside.js';
export type {
  IdentifiedCommand,
  Loaded,
  Origin,
  StreamModel,
  WrittenEvent,
} from './execution/stream-model.js';
export { callerAddress, callerNetwork } from './http/caller-network.js';
export type { HttpLimits } from './http/http-limits.js';
export { createHttpServer, httpServers } from './http/http-server.js';
export { networkOf } from './http/network-of.js';
export type { HealthCheck } from './health/health-check.js';
export { Readiness, type HealthReport } from './health/readiness.js';
export {
  changeCopies,
  listCopies,
  type CopiesReport,
} from './messaging/jetstream/copies-change.js';
export { DeadLetters, deadLetterHeaders } from './messaging/jetstream/dead-letters.js';
export type { DurableConsumerOptions } from './messaging/jetstream/durable-consumer.js';
export {
  ensureAuditStream,
  ensureStreams,
  type StreamsOptions,
} from './messaging/jetstream/jetstream-streams.js';
export {
  JetStreamWorkQueue,
  type WorkQueueOptions,
} from './messaging/jetstream/jetstream-work-queue.adapter.js';
export {
  isHeard,
  listStreams,
  remakeStreams,
  streamOfBucket,
  type StreamReport,
} from './messaging/jetstream/stream-inventory.js';
export { MemoryBroker, MemoryMessageBus } from './messaging/memory-message-bus.adapter.js';
export type {
  BusMessage,
  MessageBus,
  MessageHeaders,
  PublishOptions,
} from './messaging/message-bus.port.js';
export { LeanPublisher, type LeanPublisherOptions } from './messaging/nats/lean-publisher.js';
export { connectNats, type NatsOptions } from './messaging/nats/nats-connection.js';
export type { NatsLink } from './messaging/nats/nats-link.js';
export type { RouteCertificates } from './messaging/nats/nats-cluster-config.js';
export { natsServerConfig, type NatsServerSettings } from './messaging/nats/nats-server-config.js';
export { createNkey, nkeyOfSeed, type Nkey } from './messaging/nats/nkeys.js';
export {
  natsUsers,
  permissionsOf,
  type NatsPermissions,
  type NatsUser,
} from './messaging/nats/service-permissions.js';
export { NatsMessageBus } from './messaging/nats/nats-message-bus.adapter.js';
export { OverloadedError } from './messaging/overloaded-error.js';
export { RefusedError } from './messaging/refused-error.js';
export type { WorkItem, WorkQueue } from './messaging/work-queue.port.js';
export { HealthController } from './nest/health.controller.js';
export { JetStreamContext, JetStreamStrategy } from './nest/jetstream-strategy.js';
export { installStores } from './nest/install-stores.js';
export { openOperatorStores, type OperatorStores } from './nest/operator-stores.js';
export { NestLogger } from './nest/nest-logger.adapter.js';
export { JETSTREAM, OnMessage } from './nest/on-message.js';
export {
  platformSettings,
  platformVariables,
  readPlatformSettings,
  type PlatformSettings,
} from './nest/platform.config.js';
export { PlatformModule, type PlatformOptions } from './nest/platform.module.js';
export {
  AUDIT_INTAKE,
  AUDIT_TRAIL,
  CLOCK,
  DEAD_LETTERS,
  EVENT_STORE,
  HEALTH_CHECKS,
  LOGGER,
  MESSAGE_BUS,
  NATS_LINK,
  PAYLOAD_STORE,
  PLATFORM_CHECKS,
  PUBLISHER,
  METRICS,
  STATE_STORES,
  TRACING,
} from './nest/tokens.js';
export { OutboundRefusedError, refusalIn, type Resolve } from './outbound/checked-lookup.js';
export { GuardedFetch } from './outbound/guarded-fetch.js';
export { outboundFetch } from './outbound/outbound-fetch.js';
export { OutboundGuard } from './outbound/outbound-guard.js';
export { isLoopbackAddress, isPublicAddress } from './outbound/public-address.js';
export { FilePayloadStore } from './payloads/file-payload-store.adapter.js';
export { MemoryPayloadStore } from './payloads/memory-payload-store.adapter.js';
export {
  NatsPayloadStore,
  type NatsPayloadOptions,
} from './payloads/nats-payload-store.adapter.js';
export { copyPayloads, payloadsOf, type NamedPayload } from './payloads/payload-copy.js';
export { payloadsNamedIn } from './payloads/payload-names.js';
export type { PayloadStore } from './payloads/payload-store.port.js';
export { readText, storeText } from './payloads/stored-text.js';
export { sleep, systemClock, within, type Clock } from './runtime/clock.js';
export { canonicalJson, hashOf, sha256Hex } from './runtime/hashing.js';
export { derivedId, newAgentId } from './runtime/ids.js';
export {
  ConfigurationError,
  loadConfig,
  maskedConfig,
  type Environment,
} from './runtime/load-config.js';
export {
  createLogger,
  logLevels,
  silentLogger,
  type Logger,
  type LoggerOptions,
  type LogFields,
  type LogLevel,
} from './runtime/logger.js';
export { Secret, secretText } from './runtime/secret.js';
export {
  createShutdown,
  shutDownOnSignals,
  type Shutdown,
  type ShutdownOptions,
} from './runtime/shutdown.js';
export { TokenBuckets, type RateLimit } from './runtime/token-buckets.js';
export { WorldError } from './runtime/world-error.js';
export { MemoryStateStores } from './state/memory-state-store.adapter.js';
export { NatsKvStateStores, type NatsKvOptions } from './state/nats-kv-state-stores.adapter.js';
export type { RedisOptions } from './state/redis/redis-link.js';
export { RedisStateStores } from './state/redis/redis-state-stores.adapter.js';
export type {
  BucketOptions,
  StateEntry,
  StatePage,
  StateStore,
  StateStores,
  StateWatcher,
} from './state/state-store.port.js';
export { StateConflictError } from './state/state-conflict.js';
export { activeTrace, withinTrace } from './telemetry/active-trace.js';
export {
  noMetrics,
  SECONDS_BOUNDS,
  type Counter,
  type Histogram,
  type Metrics,
  type Reading,
} from './telemetry/metrics.port.js';
export { noTracing } from './telemetry/no-tracing.js';
export { OtelTracing } from './telemetry/otel-tracing.adapter.js';
export { PrometheusMetrics } from './telemetry/prometheus-metrics.adapter.js';
export { attributeNames } from './telemetry/semantic-conventions.js';
export {
  derivedSpanId,
  formatTraceparent,
  parseTraceparent,
  type TraceContext,
} from './telemetry/traceparent.js';
export type {
  Span,
  SpanAttributes,
  SpanKind,
  SpanOptions,
  Tracing,
} from './telemetry/tracing.port.js';
