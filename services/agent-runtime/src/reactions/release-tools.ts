import { agentIdOfStream, isEnd } from '@skynet/contracts';
import type { Commit } from '@skynet/platform';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import type { ToolBox } from '../tools/tool-box.js';
import { endsAgent } from '../owner/terminal-events.js';

/** Ends the processes of tool servers that this replica holds for an agent which has ended in the commit. */
export function releaseTools(
  commit: Commit,
  index: Pick<AgentIndex, 'get' | 'list'>,
  toolBox: Pick<ToolBox, 'release'>,
): void {
  if (!commit.events.some(endsAgent)) return;
  const agentId = agentIdOfStream(commit.stream);
  const row = agentId === undefined ? undefined : index.get(agentId);
  if (row === undefined) return;
  const { tenant, rootId } = row;
  toolBox.release({ tenant, rootId, agentId }, () => {
    const { rows } = index.list({ tenant, rootId, limit: Infinity });
    return rows.every(({ status }) => isEnd(status));
  });
}
