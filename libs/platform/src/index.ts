export { attachmentName } from './attachments/attachment-name.js';
export { imageKindOf, MAX_SIDE_PIXELS } from './attachments/image-kind.js';
export { bytesOfBase64, dataOfUri, type InlineData } from './attachments/inline-data.js';
export { isShowable, isTextual, mediaTypeOf } from './attachments/media-type.js';
export { noAuditTrail, type Act, type AuditTrail } from './audit/audit-trail.port.js';
export { BusAuditTrail } from './audit/bus-audit-trail.adapter.js';
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
export { MemoryEventStore, MemoryLog } from './event-store/memory-event-store.adapter.js';
export {
  faultOf,
  faultOfDamage,
  messageOfFault,
  readStored,
  UnreadableStreamError,
} from './event-store/stream-fault.js';
export { WrongExpectedRevisionError } from './event-store/wrong-expected-revision.js';
export { Checkpoint, CHECKPOINTS, type CheckpointValue } from './execution/checkpoint.js';
export { FORGETTING_NOTES, isForgettingHeld } from './execution/forgetting-hold.js';
export type { Execution } from './execution/command-batch.js';
export { CommandHandler } from './execution/command-handler.js';
export { Leadership, LEASES, type Term } from './execution/leadership.js';
export { WORKER_LEASES, WorkerLeases } from './execution/worker-leases.js';
export { LiveBucket } from './execution/live-bucket.js';
export { LogFollower } from './execution/log-follower.js';
export { ProjectionLag } from './execution/projection-lag.js';
export { RowWriter } from './execution/row-writer.js';
export { SNAPSHOTS, Snapshots, type SnapshotModel } from './execution/snapshots.js';
export { StreamsSetAside } from './execution/streams-set-aside.js';
export type { Origin, ReadCommit, StreamModel, WrittenEvent } from './execution/stream-model.js';
export type { HealthCheck } from './health/health-check.js';
export { MemoryBroker, MemoryMessageBus } from './messaging/memory-message-bus.adapter.js';
export type { BusMessage, MessageBus, PublishOptions } from './messaging/message-bus.port.js';
export { ReplyInbox } from './messaging/reply-inbox.js';
export { OverloadedError } from './messaging/overloaded-error.js';
export { RefusedError } from './messaging/refused-error.js';
export type { WorkItem, WorkQueue } from './messaging/work-queue.port.js';
export {
  platformSettings,
  platformVariables,
  readPlatformSettings,
  type PlatformSettings,
} from './nest/platform.config.js';
export { refusalIn, type Resolve } from './outbound/checked-lookup.js';
export { GuardedFetch } from './outbound/guarded-fetch.js';
export { outboundFetch } from './outbound/outbound-fetch.js';
export { OutboundGuard } from './outbound/outbound-guard.js';
export { isLoopbackAddress, isPublicAddress } from './outbound/public-address.js';
export { MemoryPayloadStore } from './payloads/memory-payload-store.adapter.js';
export { payloadRefOf } from './payloads/payload-address.js';
export type { PayloadStore } from './payloads/payload-store.port.js';
export { readText, storeText } from './payloads/stored-text.js';
export { backoffMs } from './runtime/backoff.js';
export { causesOf } from './runtime/causes.js';
export { sleep, systemClock, within, type Clock } from './runtime/clock.js';
export { canonicalJson, hashOf, sha256Hex } from './runtime/hashing.js';
export { derivedId, newAgentId } from './runtime/ids.js';
export { loadConfig, type Environment } from './runtime/load-config.js';
export { silentLogger, type Logger } from './runtime/logger.js';
export { Secret, secretText } from './runtime/secret.js';
export { createShutdown, shutDownOnSignals } from './runtime/shutdown.js';
export { TokenBuckets, type RateLimit } from './runtime/token-buckets.js';
export { WorldError } from './runtime/world-error.js';
export { MemoryStateStores } from './state/memory-state-store.adapter.js';
export type {
  BucketOptions,
  StateEntry,
  StateStore,
  StateStores,
  StateWatcher,
} from './state/state-store.port.js';
export { StateConflictError } from './state/state-conflict.js';
export { activeTrace, withinFields, withinTrace } from './runtime/active-trace.js';
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
export { serverAttributes } from './telemetry/server-attributes.js';
export {
  agentSpanId,
  derivedSpanId,
  formatTraceparent,
  parseTraceparent,
  tracePlaceOf,
  type TraceContext,
} from './runtime/traceparent.js';
export type {
  ShowText,
  Span,
  SpanAttributes,
  SpanOptions,
  Tracing,
} from './telemetry/tracing.port.js';
