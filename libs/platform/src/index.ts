export { noAuditTrail, type Act, type AuditTrail } from './audit/audit-trail.port.js';
export { BusAuditTrail } from './audit/bus-audit-trail.adapter.js';
export { copyLog, LogsDifferError, type CopyOptions } from './event-store/copying/copy-log.js';
export {
  digestOfLog,
  eachCommit,
  firstDifference,
  LogDigest,
  type LogDifference,
  type LogSummary,
} from './event-store/copying/log-digest.js';
export { DamagedStreamError } from './event-store/damaged-stream.js';
export type {
  AppendResult,
  Commit,
  CommitHandler,
  Damage,
  EventStore,
  ExpectedRevision,
  NewEvent,
  Position,
  ReadOptions,
  StoredEvent,
  StreamFault,
  SubscribeOptions,
  Subscription,
} from './event-store/event-store.port.js';
export { EventStoreDbEventStore } from './event-store/eventstoredb/eventstoredb-event-store.adapter.js';
export {
  installEventStoreDb,
  type InstallOptions,
} from './event-store/eventstoredb/install-eventstoredb.js';
export { JetStreamEventStore } from './event-store/jetstream-event-store.adapter.js';
export { LogStats, type LogStatsReport } from './event-store/log-stats.js';
export { MemoryEventStore, MemoryLog } from './event-store/memory-event-store.adapter.js';
export {
  faultOf,
  faultOfDamage,
  messageOfFault,
  readStored,
  UnreadableStreamError,
} from './event-store/stream-fault.js';
export { WrongExpectedRevisionError } from './event-store/wrong-expected-revision.js';
export {
  Checkpoint,
  CHECKPOINTS,
  forgetCheckpoints,
  type CheckpointValue,
} from './execution/checkpoint.js';
export { CommandHandler, type Execution } from './execution/command-handler.js';
export { Leadership, LEASES, type Term } from './execution/leadership.js';
export { WORKER_LEASES, WorkerLeases } from './execution/worker-leases.js';
export { LiveBucket } from './execution/live-bucket.js';
export { LogFollower } from './execution/log-follower.js';
export { ProjectionLag } from './execution/projection-lag.js';
export { RowWriter } from './execution/row-writer.js';
export { SNAPSHOTS, Snapshots, type SnapshotModel } from './execution/snapshots.js';
export { StreamsSetAside } from './execution/streams-set-aside.js';
export type { Origin, ReadCommit, StreamModel, WrittenEvent } from './execution/stream-model.js';
export { callerAddress, callerNetwork } from './http/caller-network.js';
export { httpServers } from './http/http-server.js';
export { networkOf } from './http/network-of.js';
export type { HealthCheck } from './health/health-check.js';
export {
  changeCopies,
  listCopies,
  type CopiesReport,
} from './messaging/jetstream/copies-change.js';
export { DeadLetters } from './messaging/jetstream/dead-letters.js';
export { ensureAuditStream, ensureStreams } from './messaging/jetstream/jetstream-streams.js';
export { JetStreamWorkQueue } from './messaging/jetstream/jetstream-work-queue.adapter.js';
export {
  isHeard,
  listStreams,
  remakeStreams,
  type StreamReport,
} from './messaging/jetstream/stream-inventory.js';
export { MemoryBroker, MemoryMessageBus } from './messaging/memory-message-bus.adapter.js';
export type { BusMessage, MessageBus, PublishOptions } from './messaging/message-bus.port.js';
export { LeanPublisher } from './messaging/nats/lean-publisher.js';
export { connectNats } from './messaging/nats/nats-connection.js';
export type { NatsLink } from './messaging/nats/nats-link.js';
export type { RouteCertificates } from './deployment/nats-cluster-config.js';
export {
  natsAuthorization,
  natsServerConfig,
  type NatsServerSettings,
} from './deployment/nats-server-config.js';
export { createNkey, nkeyOfSeed } from './messaging/nats/nkeys.js';
export { natsUsers, type NatsUser } from './deployment/service-permissions.js';
export { NatsMessageBus } from './messaging/nats/nats-message-bus.adapter.js';
export { OverloadedError } from './messaging/overloaded-error.js';
export { RefusedError } from './messaging/refused-error.js';
export type { WorkItem, WorkQueue } from './messaging/work-queue.port.js';
export { HealthController } from './nest/health.controller.js';
export { JetStreamContext, JetStreamStrategy } from './nest/jetstream-strategy.js';
export { installStores } from './nest/install-stores.js';
export { openOperatorStores, type OperatorStores } from './nest/operator-stores.js';
export { NestLogger } from './nest/nest-logger.adapter.js';
export { OnMessage } from './nest/on-message.js';
export { provide, providedBy, token, type Token } from './nest/provide.js';
export {
  platformSettings,
  platformVariables,
  readPlatformSettings,
  type PlatformSettings,
} from './nest/platform.config.js';
export { PlatformModule } from './nest/platform.module.js';
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
  METRICS,
  STATE_STORES,
  TRACING,
} from './nest/tokens.js';
export { refusalIn, type Resolve } from './outbound/checked-lookup.js';
export { GuardedFetch } from './outbound/guarded-fetch.js';
export { outboundFetch } from './outbound/outbound-fetch.js';
export { OutboundGuard } from './outbound/outbound-guard.js';
export { isLoopbackAddress, isPublicAddress } from './outbound/public-address.js';
export { MemoryPayloadStore } from './payloads/memory-payload-store.adapter.js';
export { copyPayloads, payloadsOf } from './payloads/payload-copy.js';
export { payloadsNamedIn } from './payloads/payload-names.js';
export type { PayloadStore } from './payloads/payload-store.port.js';
export { readText, storeText } from './payloads/stored-text.js';
export { backoffMs } from './runtime/backoff.js';
export { sleep, systemClock, within, type Clock } from './runtime/clock.js';
export { canonicalJson, hashOf, sha256Hex } from './runtime/hashing.js';
export { derivedId, newAgentId } from './runtime/ids.js';
export { loadConfig, type Environment } from './runtime/load-config.js';
export { silentLogger, type Logger } from './runtime/logger.js';
export { createLogger } from './telemetry/pino-logger.adapter.js';
export { Secret, secretText } from './runtime/secret.js';
export { createShutdown, shutDownOnSignals } from './runtime/shutdown.js';
export { TokenBuckets, type RateLimit } from './runtime/token-buckets.js';
export { WorldError } from './runtime/world-error.js';
export { MemoryStateStores } from './state/memory-state-store.adapter.js';
export { NatsKvStateStores } from './state/nats-kv-state-stores.adapter.js';
export type {
  BucketOptions,
  StateEntry,
  StateStore,
  StateStores,
  StateWatcher,
} from './state/state-store.port.js';
export { StateConflictError } from './state/state-conflict.js';
export { activeTrace, withinTrace } from './runtime/active-trace.js';
export {
  noMetrics,
  SECONDS_BOUNDS,
  type Counter,
  type Histogram,
  type Metrics,
  type Reading,
} from './telemetry/metrics.port.js';
export { noTracing } from './telemetry/no-tracing.js';
export { attributeNames } from './telemetry/semantic-conventions.js';
export { derivedSpanId, formatTraceparent, parseTraceparent } from './runtime/traceparent.js';
export type { Span, SpanAttributes, SpanOptions, Tracing } from './telemetry/tracing.port.js';
