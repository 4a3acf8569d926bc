import {
  getAgentEventsTool,
  getAgentResultTool,
  listAgentsTool,
  type AgentStatus,
} from '@skynet/contracts';
import type { z } from 'zod';
import type { CallOptions, SkynetClient } from './skynet-client.js';

export type ListedAgent = z.infer<typeof listAgentsTool.output>['agents'][number];
export type ShownEvent = z.infer<typeof getAgentEventsTool.output>['events'][number];
export type AgentResult = Omit<z.infer<typeof getAgentResultTool.output>, 'nextCursor'>;

export interface AgentFilter {
  readonly parentId?: string;
  readonly rootId?: string;
  readonly status?: AgentStatus;
}

const PAGE = 200;

/** All agents that the filter lets through, in order of spawning. */
export async function listAgents(
  client: SkynetClient,
  filter: AgentFilter,
  signal?: AbortSignal,
): Promise<ListedAgent[]> {
  const agents: ListedAgent[] = [];
  let cursor: string | undefined;
  do {
    const input = { ...filter, cursor, limit: PAGE };
    const page = await client.call(listAgentsTool, input, { signal });
    agents.push(...page.agents);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return agents;
}

/** Reads the log of one agent, each event once. */
export class EventReader {
  private cursor: string | undefined;
  private lastRevision = -1;

  constructor(
    private readonly client: SkynetClient,
    private readonly agentId: string,
  ) {}

  /** What has happened since the last call, oldest first. */
  async read(signal?: AbortSignal): Promise<ShownEvent[]> {
    const found: ShownEvent[] = [];
    for (;;) {
      const input = { agentId: this.agentId, cursor: this.cursor };
      const page = await this.client.call(getAgentEventsTool, input, { signal });
      // The last page is read again each time: it has no cursor that leads behind its end.
      found.push(...page.events.filter(({ revision }) => revision > this.lastRevision));
      this.lastRevision = found.at(-1)?.revision ?? this.lastRevision;
      if (page.nextCursor === undefined) return found;
      this.cursor = page.nextCursor;
    }
  }
}

/** The result with its whole output. */
export async function readResult(
  client: SkynetClient,
  agentId: string,
  options: Pick<CallOptions, 'signal' | 'patienceMs'> = {},
): Promise<AgentResult> {
  const { nextCursor, ...result } = await client.call(getAgentResultTool, { agentId }, options);
  let { output } = result;
  for (let cursor = nextCursor; cursor !== undefined;) {
    const page = await client.call(getAgentResultTool, { agentId, cursor }, options);
    output += page.output;
    cursor = page.nextCursor;
  }
  return { ...result, output };
}
