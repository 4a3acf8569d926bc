import { agentIdOfStream, dataOfAgentEvent, type AgentId } from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import { originOf, type Agents } from '../owner/agents.js';
import type { ReactedCommit, Reactor } from './reactions.js';

/** Tells children what their parents have set aside for them beside their limits: who asked for it may have died before. */
export class ExtensionsReactor implements Reactor {
  readonly name = 'extensions';

  constructor(private readonly agents: Agents) {}

  react({ events, stream }: ReactedCommit): Promise<void> | undefined {
    const parentId = agentIdOfStream(stream);
    const told = events.flatMap((event) => {
      const data = dataOfAgentEvent(event, 'ChildExtended');
      return data === undefined ? [] : [{ id: event.metadata.causationId, ...data }];
    });
    if (parentId === undefined || told.length === 0) return undefined;
    return Promise.all(told.map((one) => this.tell(parentId, one))).then(() => undefined);
  }

  private async tell(
    parentId: AgentId,
    { childId, ...extension }: { childId: AgentId } & Parameters<Agents['takeExtension']>[1],
  ): Promise<void> {
    const parent = await this.agents.load(parentId);
    if (!isSpawned(parent)) return;
    await this.agents.takeExtension(childId, extension, originOf(parent));
  }
}
