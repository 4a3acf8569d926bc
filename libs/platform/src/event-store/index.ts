export { copyLog, LogsDifferError, type CopyOptions, type LogCopy } from './copying/copy-log.js';
export {
  digestOfLog,
  eachCommit,
  firstDifference,
  hashOfCommit,
  LogDigest,
  type DigestedLog,
  type LogDifference,
  type LogSummary,
  type StreamDigest,
} from './copying/log-digest.js';
export { DamagedStreamError } from './damaged-stream.js';
export type {
  AppendResult,
  Commit,
  CommitHandler,
  Damage,
  DamageHandler,
  EventStore,
  ExpectedRevision,
  LogKind,
  NewEvent,
  Position,
  ReadOptions,
  StoredEvent,
  StreamFault,
  SubscribeOptions,
  Subscription,
} from './event-store.port.js';
export { EventStoreDbEventStore } from './eventstoredb/eventstoredb-event-store.adapter.js';
export { installEventStoreDb, type InstallOptions } from './eventstoredb/install-eventstoredb.js';
export type { EventStoreDbOptions } from './eventstoredb/kurrent-connection.js';
export {
  JetStreamEventStore,
  type JetStreamEventStoreOptions,
} from './jetstream-event-store.adapter.js';
export { LogStats, type LogStatsReport, type StreamStats, type TypeStats } from './log-stats.js';
export { MemoryEventStore, MemoryLog } from './memory-event-store.adapter.js';
export {
  faultOf,
  faultOfDamage,
  messageOfFault,
  readStored,
  UnreadableStreamError,
} from './stream-fault.js';
export { WrongExpectedRevisionError } from './wrong-expected-revision.js';
