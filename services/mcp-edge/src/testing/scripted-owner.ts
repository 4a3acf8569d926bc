import {
  queryRequestSchemas,
  REPLY_HEADER,
  subjects,
  type AgentRow,
  type CommandEnvelope,
  type CommandReply,
  type Query,
  type QueryAnswer,
} from '@skynet/contracts';
import type { BusMessage, MessageBus, RefusedError } from '@skynet/platform';
import { agentIdNamed } from './agent-rows.js';

type Answer = (command: CommandEnvelope) => CommandReply | undefined;

const NOTHING_USED = {
  ...{ agents: 0, failedAgents: 0, modelCalls: 0, failedModelCalls: 0 },
  ...{ inputTokens: 0, outputTokens: 0, costMicroUsd: 0, cachedTokens: 0, savedMicroUsd: 0 },
  ...{ modelMs: 0, slowestModelMs: 0 },
  modelCallsFromCache: 0,
  ...{ toolCalls: 0, failedToolCalls: 0, toolCallsFromCache: 0, toolMs: 0, slowestToolMs: 0 },
};

/** Plays the owner of agents: answers commands as scripted, and questions from the rows and events it is given. */
export class ScriptedOwner {
  readonly commands: CommandEnvelope[] = [];
  readonly questions: { readonly query: string; readonly request: unknown }[] = [];
  readonly rows: AgentRow[] = [];
  /** Of every agent in `rows`. */
  events: QueryAnswer<'events'>['events'] = [];
  /** Of every tenant. */
  usage: QueryAnswer<'usage'> = {
    ...{ atMs: 0, liveAgents: 0, runningTrees: 0, waitingTrees: 0, maxWaitingTrees: 1_000 },
    ...{ spawnsInMinute: 0, tokensOfDay: 0, costMicroUsdOfDay: 0, dayEndsMs: 0, quotas: {} },
  };
  /** Of every tenant and tree. */
  usageReport: QueryAnswer<'usageReport'> = {
    ...{ groups: [], more: 0, total: NOTHING_USED, undetailed: 0, isCut: false },
  };
  /** What a page of agents has room for. */
  pageRows = Infinity;
  /** Of every tenant. */
  templates: QueryAnswer<'templates'> = { templates: [], more: 0 };
  board: QueryAnswer<'board'> = {};
  /** What it says of arguments that are to spawn an agent later. */
  spawnCheck: { readonly refused?: object } = {};
  /** Thrown in place of a page of events. */
  refuse: RefusedError | undefined;
  /** No answer when it returns undefined. */
  answer: Answer = (command) => accepted(command);
  private readonly inboxes: string[] = [];
  private stops: (() => void)[] = [];

  constructor(private readonly bus: MessageBus) {
    this.startServing();
  }

  /** Call it for every message of the stream of commands. */
  receive({ data, headers }: BusMessage): void {
    const command = data as CommandEnvelope;
    this.commands.push(command);
    this.inboxes.push(headers[REPLY_HEADER] ?? '');
    const reply = this.answer(command);
    if (reply !== undefined) this.reply(reply);
  }

  /** Answers to the sender of the last command, in or out of turn. */
  reply(reply: CommandReply): void {
    this.bus.reply(this.inboxes.at(-1) ?? '', reply);
  }

  startServing(): void {
    const serve = <Q extends Query>(query: Q, answer: (request: unknown) => QueryAnswer<Q>) =>
      this.bus.serve(subjects.query(query), 'owner', async ({ data }) => {
        this.questions.push({ query, request: data });
        return answer(data);
      });
    this.stops = [
      this.bus.serve(subjects.spawnCheck, 'owner', async () => this.spawnCheck),
      serve('agent', (request) => this.agent(request)),
      serve('list', (request) => this.list(request)),
      serve('events', (request) => this.listEvents(request)),
      serve('usage', () => this.usage),
      serve('usageReport', () => this.usageReport),
      serve('templates', () => this.templates),
      serve('board', () => this.board),
    ];
  }

  stopServing(): void {
    for (const stop of this.stops) stop();
  }

  private agent(data: unknown): QueryAnswer<'agent'> {
    const { tenant, agentId } = queryRequestSchemas.agent.parse(data);
    const row = this.rows.find((each) => each.agentId === agentId && each.tenant === tenant);
    return row === undefined ? {} : { row };
  }

  private list(data: unknown): QueryAnswer<'list'> {
    const { tenant, parentId, rootId, status, cursor, limit } =
      queryRequestSchemas.list.parse(data);
    const found = this.inOrder().filter(
      (row) =>
        row.tenant === tenant &&
        [row.parentId, undefined].includes(parentId) &&
        [row.rootId, undefined].includes(rootId) &&
        [row.status, undefined].includes(status),
    );
    const rows = found.slice(found.findIndex((row) => placeOf(row) === cursor) + 1);
    const page = rows.slice(0, Math.min(limit, this.pageRows));
    const last = page.at(-1);
    return last === undefined || rows.length === page.length
      ? { rows: page }
      : { rows: page, cursor: placeOf(last) };
  }

  /** Of spawning; of those of one moment as they were given. */
  private inOrder(): AgentRow[] {
    return this.rows.toSorted((a, b) => a.spawnedAtMs - b.spawnedAtMs);
  }

  private listEvents(data: unknown): QueryAnswer<'events'> {
    const { tenant, agentId, from, limit } = queryRequestSchemas.events.parse(data);
    if (this.refuse !== undefined) throw this.refuse;
    const { row } = this.agent({ tenant, agentId });
    if (row === undefined) return { found: false, events: [] };
    const events = this.events.slice(from, from + limit);
    const next = from + limit;
    return next < this.events.length ? { found: true, events, next } : { found: true, events };
  }
}

const placeOf = ({ spawnedAtMs, agentId }: AgentRow) => `${spawnedAtMs}.${agentId}`;

export function accepted({ id, data }: CommandEnvelope): Extract<CommandReply, { ok: true }> {
  const { agentId = agentIdNamed('unnamed') } = data as { agentId?: string };
  return { id, ok: true, agentId, rootId: agentId, status: 'queued', revision: 0, position: '7' };
}
