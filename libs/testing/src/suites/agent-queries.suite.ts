import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  agentIdOf,
  queryAnswerSchemas,
  subjects,
  type AgentId,
  type Query,
  type QueryAnswer,
  type QueryRequest,
} from '@skynet/contracts';
import type { MessageBus } from '@skynet/platform';

/**
 * Who answers the questions about agents, and whom there are in the tenant: a root that waits for its two children, which run,
 * and after them another root, which has completed. Each has at least four events.
 */
export interface AgentQueriesUnderTest {
  readonly bus: Pick<MessageBus, 'request'>;
  readonly tenant: string;
  readonly rootId: AgentId;
  /** In the order of spawning. */
  readonly childIds: readonly AgentId[];
  readonly otherId: AgentId;
  dispose(): Promise<void>;
}

/** What everybody does who answers `q.views.*` about agents; the spec of each owner, also of a fake one, calls it. */
export function agentQueriesSuite(
  name: string,
  makeQueries: () => Promise<AgentQueriesUnderTest>,
): void {
  describe(`the questions about agents ${name}`, () => {
    let asker: Asker;
    beforeEach(async () => {
      asker = new Asker(await makeQueries());
    });
    afterEach(() => asker.agents.dispose());
    describe('one agent', () => agentRules(() => asker));
    describe('the list of agents', () => listRules(() => asker));
    describe('the events of an agent', () => eventRules(() => asker));
    describe('a question of the wrong form', () => formRules(() => asker));
  });
}

const UNKNOWN = agentIdOf('00000000-0000-8000-8000-000000000099');
const STRANGER = 'stranger';

class Asker {
  constructor(readonly agents: AgentQueriesUnderTest) {}

  /** In the order of spawning. */
  get all(): readonly AgentId[] {
    const { rootId, childIds, otherId } = this.agents;
    return [rootId, ...childIds, otherId];
  }

  async ask<Q extends Query>(
    query: Q,
    request: Omit<QueryRequest<Q>, 'tenant'>,
    { tenant } = this.agents,
  ): Promise<QueryAnswer<Q>> {
    const answer = await this.agents.bus.request(subjects.query(query), { ...request, tenant });
    return queryAnswerSchemas[query].parse(answer) as QueryAnswer<Q>;
  }

  async listed(request: Partial<QueryRequest<'list'>>): Promise<AgentId[]> {
    const { rows } = await this.ask('list', { limit: 100, ...request });
    return rows.map(({ agentId }) => agentId);
  }
}

const stranger = (asker: Asker) => ({ ...asker.agents, tenant: STRANGER });

function agentRules(asker: () => Asker): void {
  it('is its row', async () => {
    const { tenant, rootId, childIds } = asker().agents;
    const { row } = await asker().ask('agent', { agentId: rootId });
    expect(row).toMatchObject({ agentId: rootId, rootId, tenant, childIds });
    expect(row?.parentId).toBeUndefined();
    for (const agentId of childIds) {
      const child = await asker().ask('agent', { agentId });
      expect(child.row).toMatchObject({ agentId, rootId, parentId: rootId, status: 'running' });
    }
  });

  it('is not there for another tenant, nor when there is none', async () => {
    const { rootId: agentId } = asker().agents;
    expect(await asker().ask('agent', { agentId }, stranger(asker()))).toEqual({});
    expect(await asker().ask('agent', { agentId: UNKNOWN })).toEqual({});
  });
}

function listRules(asker: () => Asker): void {
  it('has each once, in the order of spawning', async () => {
    expect(await asker().listed({})).toEqual(asker().all);
  });

  it.each([1, 2, 3, 4, 5])('comes in pages of %i, the last without a cursor', async (limit) => {
    const pages: QueryAnswer<'list'>[] = [];
    let cursor: string | undefined;
    do {
      const page: QueryAnswer<'list'> = await asker().ask('list', { limit, cursor });
      pages.push(page);
      cursor = page.cursor;
    } while (cursor !== undefined);
    const ids = pages.map(({ rows }) => rows.map(({ agentId }) => agentId));
    expect(ids.flat()).toEqual(asker().all);
    expect(ids).toHaveLength(Math.ceil(asker().all.length / limit));
  });

  it('can be narrowed to a tree, to children, to a status, and to all of these', async () => {
    const { rootId, childIds, otherId } = asker().agents;
    expect(await asker().listed({ rootId })).toEqual([rootId, ...childIds]);
    expect(await asker().listed({ parentId: rootId })).toEqual(childIds);
    expect(await asker().listed({ parentId: otherId })).toEqual([]);
    expect(await asker().listed({ status: 'running' })).toEqual(childIds);
    expect(await asker().listed({ status: 'completed' })).toEqual([otherId]);
    expect(await asker().listed({ rootId, status: 'completed' })).toEqual([]);
    expect(await asker().listed({ rootId, parentId: rootId, status: 'running' })).toEqual(childIds);
    expect(await asker().listed({ rootId: otherId, parentId: rootId })).toEqual([]);
  });

  it('comes in pages when it is narrowed', async () => {
    const { rootId, childIds } = asker().agents;
    const request = { parentId: rootId, limit: 1 };
    const first = await asker().ask('list', request);
    const second = await asker().ask('list', { ...request, cursor: first.cursor });
    expect([...first.rows, ...second.rows].map(({ agentId }) => agentId)).toEqual(childIds);
    expect(second.cursor).toBeUndefined();
  });

  it('shows a tenant only its own', async () => {
    const { rootId } = asker().agents;
    for (const narrowed of [{}, { rootId }, { parentId: rootId }]) {
      const request = { limit: 10, ...narrowed };
      expect(await asker().ask('list', request, stranger(asker()))).toEqual({ rows: [] });
    }
  });
}

function eventRules(asker: () => Asker): void {
  it('come in pages without gaps', async () => {
    const { rootId: agentId } = asker().agents;
    const revisions: number[] = [];
    let next: number | undefined = 0;
    while (next !== undefined) {
      const page: QueryAnswer<'events'> = await asker().ask('events', {
        agentId,
        from: next,
        limit: 2,
      });
      expect(page.found).toBe(true);
      expect(page.events.length).toBeLessThanOrEqual(2);
      revisions.push(...page.events.map(({ revision }) => revision));
      next = page.next;
    }
    expect(revisions.length).toBeGreaterThanOrEqual(4);
    expect(revisions).toEqual(revisions.map((_, index) => index));
  });

  it('are none, and no more to come, after the last', async () => {
    const { otherId: agentId } = asker().agents;
    const all = await asker().ask('events', { agentId, from: 0, limit: 1_000 });
    expect(all.next).toBeUndefined();
    const after = { agentId, from: all.events.length, limit: 10 };
    expect(await asker().ask('events', after)).toEqual({ found: true, events: [] });
    const last = { agentId, from: all.events.length - 1, limit: 1 };
    expect((await asker().ask('events', last)).next).toBeUndefined();
  });

  it('are found by no other tenant, nor where there is no agent', async () => {
    const { rootId: agentId } = asker().agents;
    const page = { from: 0, limit: 10 };
    const nothing = { found: false, events: [] };
    expect(await asker().ask('events', { agentId, ...page }, stranger(asker()))).toEqual(nothing);
    expect(await asker().ask('events', { agentId: UNKNOWN, ...page })).toEqual(nothing);
  });
}

function formRules(asker: () => Asker): void {
  it.each<[Query, object]>([
    ['agent', { tenant: 'acme' }],
    ['list', { tenant: 'acme', limit: 0 }],
    ['list', { limit: 10 }],
    ['events', { tenant: 'acme', agentId: UNKNOWN, from: -1, limit: 10 }],
  ])('is not to be asked again: %s %j', async (query, request) => {
    const asked = asker().agents.bus.request(subjects.query(query), request);
    await expect(asked).rejects.toMatchObject({ retry: 'never' });
  });
}
