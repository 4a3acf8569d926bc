export { copyLog, LogsDifferError, type CopyOptions } from '../event-store/copying/copy-log.js';
export {
  digestOfLog,
  eachCommit,
  firstDifference,
  LogDigest,
  type LogDifference,
  type LogSummary,
} from '../event-store/copying/log-digest.js';
export { LogStats, type LogStatsReport } from '../event-store/log-stats.js';
export { forgetCheckpoints } from '../execution/checkpoint.js';
export { whileNothingIsForgotten } from '../execution/forgetting-hold.js';
export {
  changeCopies,
  listCopies,
  type CopiesReport,
} from '../messaging/jetstream/copies-change.js';
export {
  isHeard,
  listStreams,
  remakeStreams,
  type StreamReport,
} from '../messaging/jetstream/stream-inventory.js';
export type { RouteCertificates } from '../deployment/nats-cluster-config.js';
export {
  natsAuthorization,
  natsServerConfig,
  type NatsServerSettings,
} from '../deployment/nats-server-config.js';
export { natsUsers, type NatsUser } from '../deployment/service-permissions.js';
export { installStores } from '../nest/install-stores.js';
export { openOperatorStores, type OperatorStores } from '../nest/operator-stores.js';
export { contentOfPayload, payloadOfContent } from '../payloads/payload-content.js';
export { copyPayloads, payloadsOf } from '../payloads/payload-copy.js';
export { payloadsNamedIn } from '../payloads/payload-names.js';
