import { agentIdOf, agentRowSchema, type AgentRow } from '@skynet/contracts';
import type { StateStore } from '@skynet/platform';
import type { ViewQueries } from './view-queries.js';

const MAX_CHILDREN = 1_000;

/** Rows of agents, of the asker's tenant only: a foreign agent and an unknown one are the same to a caller. */
export class AgentReader {
  constructor(
    private readonly rows: Pick<StateStore<unknown>, 'get'>,
    private readonly queries: ViewQueries,
  ) {}

  /** Just spawned, an agent may have no row yet; then the owner of its stream is asked. */
  async find(tenant: string, agentId: string): Promise<AgentRow | undefined> {
    const entry = await this.rows.get(agentId);
    const row =
      entry === undefined
        ? (await this.queries.ask('agent', { tenant, agentId: agentIdOf(agentId) })).row
        : agentRowSchema.parse(entry.value);
    return row?.tenant === tenant ? row : undefined;
  }

  async childrenOf({ tenant, agentId, childIds }: AgentRow): Promise<readonly AgentRow[]> {
    if (childIds.length === 0) return [];
    const request = { tenant, parentId: agentId, limit: MAX_CHILDREN };
    return (await this.queries.ask('list', request)).rows;
  }
}
