import {
  agentIdOfStream,
  queryRequestSchemas,
  streamNames,
  subjects,
  type AgentId,
  type AgentRow,
  type ListedEvent,
  type Query,
  type QueryAnswer,
  type QueryRequest,
  isEnd,
} from '@skynet/contracts';
import { rowSetAside } from '@skynet/domain-agents';
import {
  faultOf,
  RefusedError,
  type EventStore,
  type MessageBus,
  type StoredEvent,
} from '@skynet/platform';
import { readEvent } from '../owner/agent-stream.js';
import { unreadableAgent, unreadableTo } from '../owner/unreadable-agent.js';
import { bytesOnPage, PAGE_MAX_BYTES } from '../past/page-room.js';
import type { TenantUsage } from '../quotas/tenant-usage.js';
import type { ReplayQueries } from './replay-queries.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import { foldReadable, nextRevision } from '../views/agent-index/agent-row-fold.js';
import { cursorOf } from '../views/agent-index/sorted-rows.js';
import { usageReport } from '../views/usage/usage-report.js';

const QUEUE = 'agent-runtime';

/** Answers the questions of `q.views.*`, each only for the tenant that asks. */
export class Queries {
  constructor(
    private readonly store: Pick<EventStore, 'read'>,
    private readonly index: AgentIndex,
    private readonly past: ReplayQueries,
    private readonly others: {
      readonly usage: Pick<TenantUsage, 'of'>;
      templates(tenant: string): QueryAnswer<'templates'>;
      board(asked: QueryRequest<'board'>): Promise<QueryAnswer<'board'>>;
    },
  ) {}

  /** Serves until the returned function is called. */
  serve(bus: Pick<MessageBus, 'serve'>): () => void {
    const names = Object.keys(queryRequestSchemas) as Query[];
    const stops = names.map((query) =>
      bus.serve(subjects.query(query), QUEUE, async ({ data }) =>
        this.answer(query, queryRequestSchemas[query].parse(data)),
      ),
    );
    return () => stops.forEach((stop) => stop());
  }

  /**
   * The answer to one question that was parsed. Safe to retry.
   *
   * @throws RefusedError when it needs the stream of an agent that can't be read
   */
  async answer<Q extends Query>(query: Q, request: QueryRequest<Q>): Promise<QueryAnswer<Q>> {
    const { past } = this;
    const answers: { [Each in Query]: (request: QueryRequest<Each>) => unknown } = {
      agent: (asked) => this.agent(asked),
      list: (asked) => this.list(asked),
      events: (asked) => this.events(asked),
      usage: ({ tenant }) => this.others.usage.of(tenant),
      usageReport: (asked) => usageReport(this.index, asked),
      templates: ({ tenant }) => this.others.templates(tenant),
      board: (asked) => this.others.board(asked),
      replay: (asked) => past.replay(asked),
      treeAt: (asked) => past.treeAt(asked),
      verify: (asked) => past.verify(asked),
      commits: (asked) => past.commits(asked),
      payload: (asked) => past.payload(asked),
      forkPlan: (asked) => past.forkPlan(asked),
    };
    try {
      return (await answers[query](request)) as QueryAnswer<Q>;
    } catch (error) {
      throw this.refusalOf(request.tenant, error) ?? error;
    }
  }

  private refusalOf(tenant: string, error: unknown): RefusedError | undefined {
    const fault = faultOf(error);
    const agentId = fault && agentIdOfStream(fault.stream);
    if (fault === undefined || agentId === undefined) return undefined;
    const row = this.index.get(agentId);
    return new RefusedError(unreadableTo(tenant, agentId, { row, fault }));
  }

  /** Folds what the index does not know yet, so that an agent is found at once after its spawn. */
  private async agent({ tenant, agentId }: QueryRequest<'agent'>): Promise<QueryAnswer<'agent'>> {
    const row = await this.newest(agentId, this.index.get(agentId));
    return row?.tenant === tenant ? { row } : {};
  }

  private async newest(
    agentId: AgentId,
    known: AgentRow | undefined,
  ): Promise<AgentRow | undefined> {
    if (known !== undefined && this.isLast(known)) return known;
    const from = nextRevision(known);
    try {
      return foldReadable(known, await this.store.read(streamNames.agent(agentId), { from }));
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      return known && rowSetAside(known, fault);
    }
  }

  /** Nothing but the costs of a child that has just ended can come behind it in the agent's stream. */
  private isLast(row: AgentRow): boolean {
    if (row.setAside !== undefined) return true;
    return isEnd(row.status) && this.index.haveChildrenEnded(row);
  }

  private list(request: QueryRequest<'list'>): QueryAnswer<'list'> {
    const page = this.index.list(request);
    const rows = fitting(page.rows);
    const last = rows.length < page.rows.length ? rows.at(-1) : undefined;
    return { rows, cursor: last === undefined ? page.cursor : cursorOf(last) };
  }

  private async events(request: QueryRequest<'events'>): Promise<QueryAnswer<'events'>> {
    const { tenant, agentId, from, limit } = request;
    const setAside = this.index.get(agentId)?.setAside;
    if ((await this.tenantOf(agentId)) !== tenant) return { found: false, events: [] };
    if (setAside !== undefined) throw new RefusedError(unreadableAgent(agentId, setAside));
    const stored = await this.store.read(streamNames.agent(agentId), { from, max: limit + 1 });
    for (const event of stored) readEvent(event);
    const events = fitting(stored.slice(0, limit).map(listed));
    const next = stored.length > events.length ? from + events.length : undefined;
    return { found: true, events, next };
  }

  private async tenantOf(agentId: AgentId): Promise<string | undefined> {
    const known = this.index.get(agentId);
    if (known !== undefined) return known.tenant;
    const [first] = await this.store.read(streamNames.agent(agentId), { max: 1 });
    return first?.metadata.tenant;
  }
}

function listed({ revision, type, timeMs, metadata, data }: StoredEvent): ListedEvent {
  return { revision, type, timeMs, epoch: metadata.epoch, traceparent: metadata.traceparent, data };
}

/** The first that fit on a page; one at least, since a page without any would never end. */
function fitting<Value>(values: readonly Value[]): Value[] {
  let bytes = 0;
  const end = values.findIndex((value, index) => {
    bytes += bytesOnPage(value);
    return bytes > PAGE_MAX_BYTES && index > 0;
  });
  return end < 0 ? [...values] : values.slice(0, end);
}
