import {
  answerAgentTool,
  extendAgentTool,
  pauseAgentTool,
  resumeAgentTool,
  sendAgentMessageTool,
  terminateAgentTool,
} from '../tools/control-agent.js';
import { explainFailureTool } from '../tools/insight/explain-failure.js';
import { exportAgentTool } from '../tools/export-agent.js';
import { forkAgentTool, retryAgentTool } from '../tools/fork-agent.js';
import { getAgentEventsTool } from '../tools/get-agent-events.js';
import { getAgentResultTool } from '../tools/get-agent-result.js';
import { getAgentStatusTool } from '../tools/get-agent-status.js';
import { listAgentsTool } from '../tools/list-agents.js';
import { listAuditTool } from '../tools/list-audit.js';
import { replayAgentTool } from '../tools/replay-agent.js';
import { cancelScheduleTool, listSchedulesTool, scheduleAgentTool } from '../tools/schedules.js';
import { spawnAgentTool } from '../tools/spawn-agent.js';
import { getTenantTool, getUsageTool, setTenantQuotasTool } from '../tools/tenants.js';
import { waitAgentTool } from '../tools/wait-agent.js';

/** Every tool of the edge, in the order that `tools/list` shows; the order and the names are pinned by a test. */
export const toolCatalogue = [
  spawnAgentTool,
  getAgentStatusTool,
  waitAgentTool,
  getAgentResultTool,
  listAgentsTool,
  getAgentEventsTool,
  answerAgentTool,
  pauseAgentTool,
  resumeAgentTool,
  terminateAgentTool,
  sendAgentMessageTool,
  extendAgentTool,
  scheduleAgentTool,
  listSchedulesTool,
  cancelScheduleTool,
  getUsageTool,
  explainFailureTool,
  replayAgentTool,
  forkAgentTool,
  retryAgentTool,
  exportAgentTool,
  listAuditTool,
  getTenantTool,
  setTenantQuotasTool,
] as const;

export type ToolName = (typeof toolCatalogue)[number]['name'];
