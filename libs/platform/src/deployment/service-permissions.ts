import {
  AGENT_ROW_BUCKETS,
  buckets,
  streamOfBucket,
  streams,
  subjects,
  type AgentCommandType,
  type Bucket,
} from '@skynet/contracts';
import { inboxPrefixOf } from '../messaging/nats/inbox-prefix.js';

/** Who connects to NATS. `operator` is for the tools of people who run the system. */
export const natsUsers = ['mcp-edge', 'agent-runtime', 'scheduler', 'auth', 'operator'] as const;
export type NatsUser = (typeof natsUsers)[number];

/** Patterns of subjects. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const commands = (...types: readonly AgentCommandType[]) =>
  types.map((type) => subjects.command('agents', type));

/** Looking at a stream. Making and changing one is for operators: what a stream may copy from, no permission limits. */
const look = (stream: string) => [`$JS.API.STREAM.INFO.${stream}`];

const consume = (stream: string) => [
  `$JS.API.CONSUMER.*.${stream}`,
  `$JS.API.CONSUMER.*.${stream}.>`,
  `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.>`,
  `$JS.ACK.${stream}.>`,
];

const get = (stream: string) => [
  `$JS.API.DIRECT.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}.>`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
];

const rows: readonly Bucket[] = AGENT_ROW_BUCKETS.map((bucket) => ({ bucket }));

const streamOf = ({ bucket }: Bucket) => streamOfBucket(bucket);
const readBucket = (bucket: Bucket) => [
  ...look(streamOf(bucket)),
  ...get(streamOf(bucket)),
  ...consume(streamOf(bucket)),
];
const writeBucket = (bucket: Bucket) => [...readBucket(bucket), `$KV.${bucket.bucket}.>`];

/** What every service looks at when it starts. */
const everyone = [
  '$JS.API.INFO',
  ...[streams.commands, streams.runs, streams.deadLetters, streams.health, streams.audit].flatMap(
    look,
  ),
  ...look(streamOf(buckets.payloads)),
];

const publish: Record<NatsUser, readonly string[]> = {
  'mcp-edge': [
    ...commands('SpawnAgent', 'ForkAgent', 'RetryAgent', 'AnswerAgent'),
    ...commands('PauseAgent', 'ResumeAgent', 'TerminateAgent', 'SendAgentMessage'),
    ...commands('ExtendAgent'),
    'q.views.*',
    subjects.spawnCheck,
    subjects.treeWait,
    'schedules.*',
    // For administrators of the tenant that runs the deployment.
    subjects.setQuotas,
    subjects.listTenants,
    subjects.auditQuery('list'),
    // From one edge to the others.
    subjects.calledOff,
    subjects.textWanted,
    ...rows.flatMap(readBucket),
    // Says which of them is live.
    ...readBucket(buckets.checkpoints),
    // Files that clients upload.
    ...writeBucket(buckets.payloads),
    ...readBucket(buckets.revocations),
  ],
  'agent-runtime': [
    ...look(streams.log),
    ...consume(streams.commands),
    ...consume(streams.runs),
    ...consume(streams.log),
    ...get(streams.log),
    // Ended trees leave the log. Which messages go, no permission limits.
    `$JS.API.STREAM.PURGE.${streams.log}`,
    'log.agent.*',
    'view.agent.*',
    'text.agent.*.*.*',
    subjects.workerHeartbeat,
    subjects.slotsWanted,
    subjects.slotsFree,
    'dead.>',
    ...rows.flatMap(writeBucket),
    ...writeBucket(buckets.checkpoints),
    ...writeBucket(buckets.leases),
    ...writeBucket(buckets.workerLeases),
    ...writeBucket(buckets.payloads),
    ...writeBucket(buckets.snapshots),
    ...writeBucket(buckets.toolPins),
    ...writeBucket(buckets.notes),
    ...writeBucket(buckets.providerAllowances),
    // Answers to commands and questions.
    '_INBOX.>',
  ],
  scheduler: [
    ...commands('AdmitAgents', 'RefuseAgent', 'ExpireAgent', 'WakeAgent', 'EndAwait'),
    // When the time of a schedule has come.
    ...commands('SpawnAgent'),
    'run.>',
    subjects.slotsLent,
    ...look(streams.log),
    ...consume(streams.log),
    ...get(streams.log),
    ...writeBucket(buckets.leases),
    ...writeBucket(buckets.workerLeases),
    ...writeBucket(buckets.schedule),
    ...readBucket(buckets.checkpoints),
    `$KV.${buckets.checkpoints.bucket}.schedule`,
    'log.schedule.*',
    'log.tenant.*',
    // Answers to questions.
    `${inboxPrefixOf('mcp-edge')}.>`,
    `${inboxPrefixOf('operator')}.>`,
  ],
  auth: [
    ...look(streams.authLog),
    ...consume(streams.authLog),
    ...get(streams.authLog),
    'authlog.>',
    // Names and counts: what a release before has left there must be taken over first.
    ...look(streams.log),
    ...consume(streams.audit),
    `$JS.API.STREAM.PURGE.${streams.audit}`,
    // Answers to questions.
    `${inboxPrefixOf('mcp-edge')}.>`,
    `${inboxPrefixOf('operator')}.>`,
    ...writeBucket(buckets.logins),
    ...writeBucket(buckets.briefLogins),
    ...writeBucket(buckets.strangers),
    ...writeBucket(buckets.attempts),
    ...writeBucket(buckets.revocations),
  ],
  operator: ['>'],
};

const subscribe: Record<NatsUser, readonly string[]> = {
  'mcp-edge': ['view.agent.*', 'text.agent.*.*.*', subjects.calledOff],
  'agent-runtime': [
    'q.views.*',
    subjects.spawnCheck,
    subjects.rebuildProjections,
    subjects.checkViews,
    subjects.retention,
    subjects.toolServers,
    subjects.templates,
    subjects.approveTools,
    subjects.notes,
    subjects.toolLogins,
    subjects.modelProviders,
    subjects.slotsLent,
    subjects.textWanted,
  ],
  scheduler: [
    subjects.workerHeartbeat,
    subjects.slotsWanted,
    subjects.slotsFree,
    subjects.treeWait,
    'schedules.*',
    subjects.setQuotas,
    subjects.listTenants,
  ],
  auth: ['q.audit.*'],
  operator: ['>'],
};

/** The least that a user needs to do its work. */
export function permissionsOf(user: NatsUser): NatsPermissions {
  return {
    publish: [...everyone, subjects.health(user), subjects.audit(user), ...publish[user]],
    subscribe: [`${inboxPrefixOf(user)}.>`, ...subscribe[user]],
  };
}
