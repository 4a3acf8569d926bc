import {
  EventReader,
  listAgents,
  type ListedAgent,
  readResult,
  type SkynetClient,
} from '@skynet/client';
import { spawnAgentTool, type AgentStatus } from '@skynet/contracts';
import { z } from 'zod';

const auditedPackageSchema = z.object({
  name: z.string(),
  version: z.string().nullable(),
  /** Null when neither package.json nor a licence file tells. */
  license: z.string().nullable(),
});
export type AuditedPackage = z.infer<typeof auditedPackageSchema>;

const answerSchema = z.object({ packages: z.array(auditedPackageSchema) });

/** An agent that did not complete. */
export interface AuditFailure {
  readonly agentId: string;
  readonly task: string;
  readonly status: AgentStatus;
  readonly reason: string;
  readonly message: string;
}

/** What an audit found, and what it took; all of it read back from the log. */
export interface AuditReport {
  readonly rootId: string;
  /** Levels of agents. */
  readonly depth: number;
  readonly agents: number;
  readonly packages: readonly AuditedPackage[];
  readonly failures: readonly AuditFailure[];
  /** From the first event of the root to its last. */
  readonly tookMs: number;
  readonly tokens: number;
  readonly costMicroUsd: number;
}

/** Starts the agent at the top of the audit; returns its id. */
export async function spawnAuditor(client: SkynetClient): Promise<string> {
  const { agentId } = await client.call(spawnAgentTool, {
    template: 'licence-auditor',
    task: {
      description: 'Audit the licences of the packages that this project depends on directly.',
    },
  });
  return agentId;
}

export async function readAuditReport(client: SkynetClient, rootId: string): Promise<AuditReport> {
  const [agents, result, events] = await Promise.all([
    listAgents(client, { rootId }),
    readResult(client, rootId),
    new EventReader(client, rootId).read(),
  ]);
  const { inputTokens, outputTokens, costMicroUsd } = result.usage;
  return {
    rootId,
    depth: 1 + Math.max(...agents.map(({ depth }) => depth)),
    agents: agents.length,
    packages: packagesIn(result.output),
    failures: await failuresOf(client, agents),
    tookMs: timeOf(events.at(-1)) - timeOf(events[0]),
    tokens: inputTokens + outputTokens,
    costMicroUsd,
  };
}

/** The packages of an auditor's answer; none when the answer is none. A model may put it into a code fence. */
export function packagesIn(output: string): AuditedPackage[] {
  const json = output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1);
  try {
    return answerSchema.parse(JSON.parse(json)).packages;
  } catch {
    return [];
  }
}

function failuresOf(client: SkynetClient, agents: readonly ListedAgent[]): Promise<AuditFailure[]> {
  const failed = agents.filter(({ status }) => status !== 'completed');
  return Promise.all(
    failed.map(async ({ agentId, task, status }) => {
      const { failure } = await readResult(client, agentId);
      const { reason = status.toUpperCase(), message = '' } = failure ?? {};
      return { agentId, task, status, reason, message };
    }),
  );
}

function timeOf(event: { readonly time: string } | undefined): number {
  return event === undefined ? NaN : Date.parse(event.time);
}
