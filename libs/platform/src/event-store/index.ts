export { copyLog, LogsDifferError, type CopyOptions } from './copying/copy-log.js';
export {
  digestOfLog,
  eachCommit,
  firstDifference,
  LogDigest,
  type LogDifference,
  type LogSummary,
} from './copying/log-digest.js';
export { DamagedStreamError } from './damaged-stream.js';
export type {
  Commit,
  CommitHandler,
  Damage,
  EventStore,
  NewEvent,
  Position,
  StoredEvent,
  StreamFault,
} from './event-store.port.js';
export { EventStoreDbEventStore } from './eventstoredb/eventstoredb-event-store.adapter.js';
export { installEventStoreDb, type InstallOptions } from './eventstoredb/install-eventstoredb.js';
export { JetStreamEventStore } from './jetstream-event-store.adapter.js';
export { LogStats, type LogStatsReport } from './log-stats.js';
export { MemoryEventStore, MemoryLog } from './memory-event-store.adapter.js';
export {
  faultOf,
  faultOfDamage,
  messageOfFault,
  readStored,
  UnreadableStreamError,
} from './stream-fault.js';
export { WrongExpectedRevisionError } from './wrong-expected-revision.js';
