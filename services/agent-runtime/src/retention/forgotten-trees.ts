import type { AgentId } from '@skynet/contracts';
import {
  CHECKPOINTS,
  FORGETTING_NOTES as PREFIX,
  type StateStore,
  type StateStores,
} from '@skynet/platform';

/** A tree of which something may be left. */
export interface BegunTree {
  readonly rootId: AgentId;
  readonly tenant: string;
}

type Note = Pick<BegunTree, 'tenant'>;

/**
 * Trees that are being forgotten, noted beside the checkpoints: what one process has begun another one ends. Where a note
 * goes the tree is gone, which every process that watches is told.
 */
export class ForgottenTrees {
  private notes: StateStore<Note> | undefined;

  constructor(private readonly states: Pick<StateStores, 'open'>) {}

  /** Resolves when it is noted; nothing of the tree may go before. Safe to retry. */
  async begin({ rootId, tenant }: BegunTree): Promise<void> {
    await (await this.open()).put(`${PREFIX}${rootId}`, { tenant });
  }

  /** Nothing is left of it. Safe to retry. */
  async end(rootId: AgentId): Promise<void> {
    await (await this.open()).delete(`${PREFIX}${rootId}`);
  }

  async begun(): Promise<readonly BegunTree[]> {
    const begun = new Map<string, BegunTree>();
    for await (const { key, value } of (await this.open()).entries(PREFIX)) {
      begun.set(key, { rootId: rootIdOf(key), tenant: value.tenant });
    }
    return [...begun.values()];
  }

  /** Calls with each tree that is gone from now on; returns a stop function. */
  async watch(onGone: (rootId: AgentId) => void): Promise<() => Promise<void>> {
    const notes = await this.open();
    return notes.watch(PREFIX, (key, entry) => {
      if (entry === undefined) onGone(rootIdOf(key));
    });
  }

  private async open(): Promise<StateStore<Note>> {
    this.notes ??= await this.states.open<Note>(CHECKPOINTS);
    return this.notes;
  }
}

function rootIdOf(key: string): AgentId {
  return key.slice(PREFIX.length) as AgentId;
}
