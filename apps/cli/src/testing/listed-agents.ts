import type { ListedAgent } from '@skynet/client';

const UPDATED = '2026-01-02T03:04:05.678Z';

/** An agent of a list; its id is its task. */
export function listedAgent(agent: Partial<ListedAgent> & { readonly task: string }): ListedAgent {
  return {
    agentId: agent.task,
    rootId: 'root',
    depth: agent.parentId === undefined ? 0 : 1,
    status: 'running',
    model: 'scripted:echo',
    updatedAt: UPDATED,
    ...agent,
  };
}
