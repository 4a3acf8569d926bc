import { agentIdOf, toolCatalogue } from '@skynet/contracts';
import type { Clock, Logger, MessageBus, PayloadStore, StateStore } from '@skynet/platform';
import type { CommandSender } from '../commands/command-sender.js';
import { AgentReader } from '../views/agent-reader.js';
import { OutputReader } from '../views/output-reader.js';
import { ResultReader } from '../views/result-reader.js';
import { TreeSpending } from '../views/usage/tree-spending.js';
import { TreeWaits } from '../views/tree-waits.js';
import { TenantRequests } from '../views/tenant-requests.js';
import { ScheduleRequests } from '../views/schedule-requests.js';
import type { ViewQueries } from '../views/view-queries.js';
import { controlTools } from '../tools/control-agent.tool.js';
import type { EdgeTool } from '../tools/edge-tool.js';
import { explainFailureOf } from '../tools/insight/explain-failure.tool.js';
import { exportAgent } from '../tools/export-agent.tool.js';
import { forkAgent, retryAgent } from '../tools/fork-agent.tool.js';
import { getAgentEvents } from '../tools/get-agent-events.tool.js';
import { getAgentResult } from '../tools/get-agent-result.tool.js';
import { getAgentStatus } from '../tools/get-agent-status.tool.js';
import { listAgents } from '../tools/list-agents.tool.js';
import { listAudit } from '../tools/list-audit.tool.js';
import { NewAgentIds } from '../tools/new-agent-ids.js';
import { replayAgent } from '../tools/replay-agent.tool.js';
import { scheduleTools } from '../tools/schedules.tool.js';
import { spawnAgent } from '../tools/spawn-agent.tool.js';
import { tenantTools } from '../tools/tenants/tenants.tool.js';
import { waitAgent } from '../tools/wait-agent.tool.js';

export interface ToolSurroundings {
  readonly bus: MessageBus;
  readonly rows: Pick<StateStore<unknown>, 'get'>;
  readonly payloads: PayloadStore;
  readonly sender: CommandSender;
  readonly queries: ViewQueries;
  readonly clock: Clock;
  readonly log: Logger;
  readonly operatorTenant: string | undefined;
}

/** Every tool of the catalogue, in its order. */
export function allTools(surroundings: ToolSurroundings): readonly EdgeTool[] {
  const { bus, rows, payloads, sender, queries, clock, log, operatorTenant } = surroundings;
  const reader = new AgentReader(rows, queries, clock);
  const ids = new NewAgentIds(async (tenant, id) => {
    return (await reader.find(tenant, agentIdOf(id)))?.row.spawnedAtMs;
  }, clock);
  const schedules = new ScheduleRequests(bus, clock);
  const results = new ResultReader(reader, new OutputReader(payloads, clock));
  const waiting = { bus, reader, clock, log };
  const tools = [
    spawnAgent({ ...waiting, sender, ids, results }),
    getAgentStatus(
      reader,
      { waits: new TreeWaits(bus), spending: new TreeSpending(queries), queries },
      clock,
    ),
    waitAgent(reader, waiting),
    getAgentResult(reader, results),
    listAgents(queries),
    getAgentEvents(queries),
    ...controlTools(sender),
    ...scheduleTools(schedules, clock),
    ...tenantTools({ queries, tenants: new TenantRequests(bus, clock), operatorTenant, clock }),
    explainFailureOf(reader, queries),
    replayAgent(queries),
    forkAgent({ sender, queries, reader, ids }),
    retryAgent({ sender, ids }),
    exportAgent(queries),
    listAudit(bus, clock),
  ];
  return toolCatalogue.map(({ name }) => {
    const tool = tools.find(({ contract }) => contract.name === name);
    if (tool === undefined) throw new Error(`nothing carries out ${name}`);
    return tool;
  });
}
