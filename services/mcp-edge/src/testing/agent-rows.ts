import { agentRowSchema, type AgentRow } from '@skynet/contracts';
import { derivedId } from '@skynet/platform';

export const TENANT = 'acme';
export const SPAWNED_AT_MS = Date.parse('2026-11-23T10:00:00Z');

export function agentIdNamed(name: string): AgentRow['agentId'] {
  return agentRowSchema.shape.agentId.parse(derivedId('test', name));
}

/** The row of a running root agent named `name`, changed as wished. */
export function agentRow(name: string, changes: Partial<AgentRow> = {}): AgentRow {
  const agentId = agentIdNamed(name);
  return agentRowSchema.parse({
    agentId,
    rootId: agentId,
    tenant: TENANT,
    principal: 'alice',
    depth: 0,
    status: 'running',
    model: 'scripted:echo',
    task: `work of ${name}`,
    spent: { inputTokens: 30, outputTokens: 12, costMicroUsd: 7, descendants: 0 },
    limits: {
      tokens: 1_000,
      costMicroUsd: 2_000,
      deadlineMs: SPAWNED_AT_MS + 3_600_000,
      depth: 5,
      children: 10,
      descendants: 100,
    },
    childIds: [],
    spawnedAtMs: SPAWNED_AT_MS,
    ranMs: 0,
    updatedAtMs: SPAWNED_AT_MS,
    revision: 3,
    ...changes,
  });
}
