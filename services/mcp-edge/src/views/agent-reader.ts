import { agentIdOf, agentRowSchema, type AgentId, type AgentRow } from '@skynet/contracts';
import { within, WorldError, type Clock, type StateStore } from '@skynet/platform';
import { KnownRows } from './known-rows.js';
import type { ViewQueries } from './view-queries.js';

const MAX_CHILDREN = 1_000;
/** A store that is there answers in milliseconds; who asked is answered within 2 s. */
const READ_LIMIT_MS = 1_500;

/** A row as it is now, or as it was when it was read last. */
export interface FoundAgent {
  readonly row: AgentRow;
  /** Epoch milliseconds of that last reading; absent when the row is the newest. */
  readonly asOfMs?: number;
}

/** Rows of agents, of the asker's tenant only: a foreign agent and an unknown one are the same to a caller. */
export class AgentReader {
  private readonly known = new KnownRows();

  constructor(
    private readonly rows: Pick<StateStore<unknown>, 'get'>,
    private readonly queries: ViewQueries,
    private readonly clock: Clock,
  ) {}

  /**
   * While the store does not answer: the row as this process read it last.
   *
   * @throws WorldError `retry: 'later'` when the store does not answer and the row was never read
   */
  async find(tenant: string, id: string): Promise<FoundAgent | undefined> {
    const agentId = agentIdOf(id);
    const found = await this.readOrRecall(tenant, agentId);
    return found?.row.tenant === tenant ? found : undefined;
  }

  async childrenOf({ row, asOfMs }: FoundAgent): Promise<readonly AgentRow[]> {
    const { tenant, agentId, childIds } = row;
    if (childIds.length === 0) return [];
    if (asOfMs !== undefined) return childIds.flatMap((id) => this.known.get(id)?.row ?? []);
    const request = { tenant, parentId: agentId, limit: MAX_CHILDREN };
    const { rows } = await this.queries.rowsOf(request, MAX_CHILDREN);
    for (const child of rows) this.known.remember(child, this.clock.nowMs());
    return rows;
  }

  private async readOrRecall(tenant: string, agentId: AgentId): Promise<FoundAgent | undefined> {
    const known = this.known.get(agentId);
    const reading = this.read(tenant, agentId);
    if (known === undefined) return reading;
    try {
      return await this.soon(reading);
    } catch (error) {
      if (!(error instanceof WorldError) || error.retry === 'never') throw error;
      return { row: known.row, asOfMs: known.readAtMs };
    }
  }

  private soon<Result>(reading: Promise<Result>): Promise<Result> {
    const late = () => new WorldError(`the row was not read in ${READ_LIMIT_MS} ms`, 'later');
    return within(this.clock, READ_LIMIT_MS, reading, late);
  }

  /** Just spawned, an agent may have no row yet; then the owner of its stream is asked. */
  private async read(tenant: string, agentId: AgentId): Promise<FoundAgent | undefined> {
    const entry = await this.soon(this.rows.get(agentId));
    const row =
      entry === undefined
        ? (await this.queries.ask('agent', { tenant, agentId })).row
        : agentRowSchema.parse(entry.value);
    if (row === undefined) return undefined;
    this.known.remember(row, this.clock.nowMs());
    return { row };
  }
}
