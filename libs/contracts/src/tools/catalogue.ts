import {
  answerAgentTool,
  pauseAgentTool,
  resumeAgentTool,
  terminateAgentTool,
} from './control-agent.js';
import { exportAgentTool } from './export-agent.js';
import { forkAgentTool } from './fork-agent.js';
import { getAgentEventsTool } from './get-agent-events.js';
import { getAgentResultTool } from './get-agent-result.js';
import { getAgentStatusTool } from './get-agent-status.js';
import { listAgentsTool } from './list-agents.js';
import { listAuditTool } from './list-audit.js';
import { replayAgentTool } from './replay-agent.js';
import { spawnAgentTool } from './spawn-agent.js';
import { waitAgentTool } from './wait-agent.js';

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
  replayAgentTool,
  forkAgentTool,
  exportAgentTool,
  listAuditTool,
] as const;

export type ToolName = (typeof toolCatalogue)[number]['name'];
