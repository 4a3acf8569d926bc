import {
  AGENT_ROW_BUCKETS,
  REVOCATIONS,
  streams,
  subjects,
  TOOL_PINS,
  type AgentCommandType,
} from '@skynet/contracts';

/** Who connects to NATS. `operator` is for the tools of people who run the system. */
export const natsUsers = ['mcp-edge', 'agent-runtime', 'scheduler', 'auth', 'operator'] as const;
export type NatsUser = (typeof natsUsers)[number];

/** Patterns of subjects. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Where answers to this user arrive: nobody else may listen there. */
export function inboxPrefixOf(user: string): string {
  return `_INBOX.${user}`;
}

const commands = (...types: readonly AgentCommandType[]) =>
  types.map((type) => subjects.command('agents', type));

/** Looking at a stream, without changing it. */
const look = (stream: string) => [`$JS.API.STREAM.INFO.${stream}`];

/** Making it where there is none yet; the server refuses to make another one of its name. */
const begin = (stream: string) => [...look(stream), `$JS.API.STREAM.CREATE.${stream}`];

const make = (stream: string) => [...begin(stream), `$JS.API.STREAM.UPDATE.${stream}`];

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

const bucketOf = (bucket: string) => `KV_${bucket}`;
const readBucket = (bucket: string) => [
  ...look(bucketOf(bucket)),
  ...get(bucketOf(bucket)),
  ...consume(bucketOf(bucket)),
];
const ownBucket = (bucket: string) => [
  ...make(bucketOf(bucket)),
  ...readBucket(bucket),
  `$KV.${bucket}.>`,
];

/** What every service looks at when it starts. */
const everyone = [
  '$JS.API.INFO',
  ...[streams.commands, streams.runs, streams.deadLetters, streams.health, streams.audit].flatMap(
    look,
  ),
  ...look(bucketOf('payloads')),
];

const publish: Record<NatsUser, readonly string[]> = {
  'mcp-edge': [
    ...commands('SpawnAgent', 'ForkAgent', 'AnswerAgent'),
    ...commands('PauseAgent', 'ResumeAgent', 'TerminateAgent'),
    'q.views.*',
    subjects.auditQuery('list'),
    // From one edge to the others.
    subjects.calledOff,
    ...AGENT_ROW_BUCKETS.flatMap(readBucket),
    // Says which of them is live.
    ...readBucket('checkpoints'),
    ...readBucket('payloads'),
    ...readBucket(REVOCATIONS.bucket),
  ],
  'agent-runtime': [
    ...make(streams.commands),
    ...make(streams.runs),
    ...make(streams.deadLetters),
    ...make(streams.health),
    ...begin(streams.audit),
    ...begin(streams.log),
    ...consume(streams.commands),
    ...consume(streams.runs),
    ...consume(streams.log),
    ...get(streams.log),
    'log.agent.*',
    'view.agent.*',
    subjects.workerHeartbeat,
    'dead.>',
    ...AGENT_ROW_BUCKETS.flatMap(ownBucket),
    ...ownBucket('checkpoints'),
    ...ownBucket('leases'),
    ...ownBucket('worker-leases'),
    ...ownBucket('payloads'),
    ...ownBucket('snapshots'),
    ...ownBucket(TOOL_PINS.bucket),
    // Answers to commands and questions.
    '_INBOX.>',
  ],
  scheduler: [
    ...commands('AdmitAgents', 'RefuseAgent', 'ExpireAgent', 'WakeAgent', 'EndAwait'),
    'run.>',
    ...look(streams.log),
    ...consume(streams.log),
    ...get(streams.log),
    ...ownBucket('leases'),
    ...ownBucket('worker-leases'),
    ...ownBucket('schedule'),
    ...readBucket('checkpoints'),
    '$KV.checkpoints.schedule',
  ],
  auth: [
    ...begin(streams.authLog),
    ...consume(streams.authLog),
    ...get(streams.authLog),
    'authlog.>',
    // Names and counts: what a release before has left there must be taken over first.
    ...look(streams.log),
    ...begin(streams.audit),
    ...consume(streams.audit),
    `$JS.API.STREAM.PURGE.${streams.audit}`,
    // Answers to questions.
    `${inboxPrefixOf('mcp-edge')}.>`,
    `${inboxPrefixOf('operator')}.>`,
    ...ownBucket('oidc'),
    ...ownBucket('oidc-brief'),
    ...ownBucket('oidc-strangers'),
    ...ownBucket('auth-attempts'),
    ...ownBucket(REVOCATIONS.bucket),
  ],
  operator: ['>'],
};

const subscribe: Record<NatsUser, readonly string[]> = {
  'mcp-edge': ['view.agent.*', subjects.calledOff],
  'agent-runtime': [
    'q.views.*',
    subjects.rebuildProjections,
    subjects.checkViews,
    subjects.toolServers,
    subjects.approveTools,
  ],
  scheduler: [subjects.workerHeartbeat],
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
