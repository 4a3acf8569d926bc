/** Every subject of the system is built here; tokens are checked so that no input can widen a subscription. */
const TOKEN = /^[A-Za-z0-9_-]+$/;

function token(text: string): string {
  if (!TOKEN.test(text)) throw new Error(`not a subject token: ${JSON.stringify(text)}`);
  return text;
}

export const streams = {
  commands: 'CMD',
  runs: 'RUN',
  log: 'LOG',
  /** What only auth and operators read: `authLogCategories`. */
  authLog: 'AUTHLOG',
  deadLetters: 'DEAD',
  health: 'HEALTH',
  audit: 'AUDIT',
} as const;

export const subjects = {
  /** `cmd.agents.SpawnAgent` */
  command: (context: string, type: string) => `cmd.${token(context)}.${token(type)}`,
  allCommands: (context: string) => `cmd.${token(context)}.*`,
  /** `run.<class>.<agentId>`: one dispatch of an agent to a worker of that class. */
  run: (workerClass: string, agentId: string) => `run.${token(workerClass)}.${token(agentId)}`,
  allRuns: (workerClass: string) => `run.${token(workerClass)}.*`,
  /** `view.agent.<agentId>`: hint that the row reached a revision. */
  agentView: (agentId: string) => `view.agent.${token(agentId)}`,
  /** `text.agent.<tenant>.<rootId>.<agentId>`: a hint with text that the model of an agent is writing. */
  agentText: (tenant: string, rootId: string, agentId: string) =>
    `text.agent.${token(tenant)}.${token(rootId)}.${token(agentId)}`,
  /** That of one agent, whatever tree it is in. */
  textOfAgent: (tenant: string, agentId: string) =>
    `text.agent.${token(tenant)}.*.${token(agentId)}`,
  /** That of all agents of a tree. */
  textOfTree: (tenant: string, rootId: string) => `text.agent.${token(tenant)}.${token(rootId)}.*`,
  /** A hint to all who run agents: text of an agent, or of its tree, is listened to for a moment. */
  textWanted: 'text.wanted',
  /** `q.views.<question>`: answered from the projector's index. */
  query: (question: string) => `q.views.${token(question)}`,
  /** Answered by any replica of the owner of agents: whether arguments would spawn a root. */
  spawnCheck: 'q.spawn.check',
  /** Answered by any replica of the scheduler: what keeps a root from starting. */
  treeWait: 'q.schedule.wait',
  /** Answered by any replica of the scheduler: `create`, `list` and `cancel`. */
  schedules: (question: string) => `schedules.${token(question)}`,
  /** Answered by any replica of the scheduler; only operators may ask. */
  setQuotas: 'ops.tenants.set',
  /** Answered by any replica of the scheduler; only operators may ask. */
  listTenants: 'ops.tenants.list',
  /** Answered by the replica that writes the rows; only operators may ask. */
  rebuildProjections: 'ops.projections.rebuild',
  /** Answered by the replica that writes the rows; only operators may ask. */
  checkViews: 'ops.views.check',
  /** Answered by the replica that forgets ended trees; only operators may ask. */
  retention: 'ops.retention.show',
  /** Answered by any replica, for itself; only operators may ask. */
  toolServers: 'ops.tools.list',
  /** Answered by any replica, for itself; only operators may ask. */
  templates: 'ops.templates.list',
  /** Answered by any replica, for all; only operators may ask. */
  approveTools: 'ops.tools.approve',
  /** Answered by any replica, for all; only operators may ask. */
  notes: 'ops.notes',
  /** Answered by any replica, for those that share its folder of logins; only operators may ask. */
  toolLogins: 'ops.tools.login',
  /** Answered by any replica, for itself; only operators may ask. */
  modelProviders: 'ops.providers.list',
  /** `audit.<service>`: an act of a person or client, told by that service. */
  audit: (service: string) => `audit.${token(service)}`,
  /** Answered by any replica of auth: `list`, for administrators, and `page`, for operators. */
  auditQuery: (question: string) => `q.audit.${token(question)}`,
  /** A hint to all edges: a client has called off a call that runs at another one. Lost, the call goes on. */
  calledOff: 'edge.calls.off',
  /** `hb.worker`: slots that a worker announces. */
  workerHeartbeat: 'hb.worker',
  /** A worker asks the scheduler for slots. A hint: lost, its agents go through the queue. */
  slotsWanted: 'slots.wanted',
  /** The scheduler lends slots to a worker. A hint: lost, they are free again when the loan is over. */
  slotsLent: 'slots.lent',
  /** A worker has no use for slots that it could keep. A hint: lost, they are free a moment later. */
  slotsFree: 'slots.free',
  /** `dead.<original subject>` */
  deadLetter: (subject: string) => `dead.${subject}`,
  /** `health.<service>`: proof that the service can publish. */
  health: (service: string) => `health.${token(service)}`,
} as const;

export const queries = {
  agent: 'agent',
  list: 'list',
  events: 'events',
} as const;
