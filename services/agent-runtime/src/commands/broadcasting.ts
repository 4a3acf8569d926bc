import { rejection, type AgentCommandData, type CommandEnvelope } from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import type { Refused } from '@skynet/kernel';
import { storeText, WorldError, type PayloadStore } from '@skynet/platform';
import type { AgentExecution, Agents } from '../owner/agents.js';
import { originOf } from '../owner/envelope-origin.js';
import { receiversFor, TREE_TOO_LARGE } from '../owner/tree-agents.js';

/** Tells all agents of a tree something: its root is told, whose log says whom else. */
export class Broadcasting {
  constructor(
    private readonly agents: Pick<Agents, 'load' | 'execute'>,
    private readonly payloads: PayloadStore,
  ) {}

  /** The agent may be any of the tree. Safe to repeat with the same id. */
  async tell(
    envelope: CommandEnvelope,
    { agentId, text: said, interrupts }: AgentCommandData<'SendAgentMessage'>,
  ): Promise<AgentExecution | Refused> {
    const { id, tenant, principal } = envelope;
    const state = await this.agents.load(agentId);
    if (!isSpawned(state) || state.spawned.tenant !== tenant)
      return { refused: rejection('AGENT_NOT_FOUND', `There is no agent ${agentId}.`) };
    const { rootId } = state.spawned;
    const root = await this.agents.load(rootId);
    if (!isSpawned(root))
      return { refused: rejection('AGENT_NOT_FOUND', `There is no agent ${rootId}.`) };
    const receivers = await receiversFor('tree', root, this.agents);
    if (receivers === TREE_TOO_LARGE)
      return { refused: rejection('LIMIT_MESSAGES', 'the tree has too many agents that run') };
    if (typeof receivers === 'string') throw new WorldError(receivers, 'later');
    const text = await storeText(this.payloads, tenant, said);
    const data = { messageId: id, to: [...receivers.others], text, interrupts, principal };
    return this.agents.execute(rootId, { id, type: 'BroadcastMessage', data }, originOf(envelope));
  }
}
