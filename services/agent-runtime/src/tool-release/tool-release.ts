import { agentIdOfStream, isEnd, endsAgent } from '@skynet/contracts';
import type { AgentCommit } from '../log/agent-commit.js';
import type { LogConsumer } from '../log/log-consumer.js';
import type { ToolBox } from '../tools/tool-box.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';

/** Ends the processes of tool servers that this replica holds for an agent which has ended. */
export class ToolRelease implements LogConsumer {
  constructor(
    private readonly index: Pick<AgentIndex, 'get' | 'list'>,
    private readonly toolBox: Pick<ToolBox, 'release'>,
  ) {}

  handle({ stream, events }: AgentCommit): void {
    if (!events.some(endsAgent)) return;
    const agentId = agentIdOfStream(stream);
    const row = agentId === undefined ? undefined : this.index.get(agentId);
    if (row === undefined) return;
    const { tenant, rootId } = row;
    this.toolBox.release({ tenant, rootId, agentId }, () => {
      const { rows } = this.index.list({ tenant, rootId, limit: Infinity });
      return rows.every(({ status }) => isEnd(status));
    });
  }
}
