import { streamNames, type AgentRow } from '@skynet/contracts';
import { WrongExpectedRevisionError, type EventStore, type LiveBucket } from '@skynet/platform';
import type { Agents } from '../owner/agents.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import type { AgentStream, EndedTrees } from './ended-trees.js';
import type { BegunTree, ForgottenTrees } from './forgotten-trees.js';

export interface TreeRemovalDependencies {
  readonly store: Pick<EventStore, 'deleteStream'>;
  /** The bucket of the rows. */
  readonly live: LiveBucket;
  readonly index: AgentIndex;
  readonly agents: Pick<Agents, 'forget'>;
  readonly trees: EndedTrees;
  readonly forgotten: ForgottenTrees;
  /** Whether somebody reads the whole log, who is not to get a part of a tree. */
  readonly isHeld: () => Promise<boolean>;
  /** @throws WorldError when this replica leads no more */
  readonly assertLeading: () => void;
}

/** Takes ended trees out of log, rows and memory; what broke off anywhere is ended by doing it again. */
export class TreeRemoval {
  constructor(private readonly deps: TreeRemovalDependencies) {}

  /**
   * Whether it is gone; else it is noted as begun, as when it throws.
   *
   * @throws WorldError when it can't be ended now
   */
  async remove(tree: BegunTree): Promise<boolean> {
    const { forgotten } = this.deps;
    await forgotten.begin(tree);
    return this.finish(tree);
  }

  /** The same for what was begun, as far as rows tell of it: they go after the log. */
  async finish(tree: BegunTree): Promise<boolean> {
    const { assertLeading, forgotten, isHeld, live, trees } = this.deps;
    if (await isHeld()) return false;
    const { rootId } = tree;
    const rows = trees.rowsOf(tree);
    for (const stream of await trees.streamsOf(rows)) {
      assertLeading();
      await this.deleteStream(stream);
    }
    const bucket = await live.open<AgentRow>();
    for (const { agentId } of rows) {
      assertLeading();
      await bucket.delete(agentId);
    }
    this.drop(tree);
    await forgotten.end(rootId);
    return true;
  }

  /** Nothing of the tree is in the memory of this process any more. */
  drop({ rootId }: Pick<BegunTree, 'rootId'>): void {
    const { agents, index } = this.deps;
    for (const agentId of index.removeTree(rootId)) agents.forget(agentId);
    agents.forget(rootId);
  }

  private async deleteStream({ agentId, revision }: AgentStream): Promise<void> {
    try {
      await this.deps.store.deleteStream(streamNames.agent(agentId), revision);
    } catch (error) {
      if (!(error instanceof WrongExpectedRevisionError)) throw error;
      const { actual } = error;
      // Deleted before, and begun anew since: that one stays, and its row is made from the log with its next event.
      const isAnother = actual !== 'no-stream' && actual < revision;
      if (!isAnother) throw error;
    }
  }
}
