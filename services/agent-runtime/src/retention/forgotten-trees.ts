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
  /** Those that were begun, by root; undefined until they are read. */
  private known: Map<AgentId, BegunTree> | undefined;

  constructor(private readonly states: Pick<StateStores, 'open'>) {}

  /** Resolves when it is noted; nothing of the tree may go before. Safe to retry. */
  async begin({ rootId, tenant }: BegunTree): Promise<void> {
    try {
      await (await this.open()).put(`${PREFIX}${rootId}`, { tenant });
      this.known?.set(rootId, { rootId, tenant });
    } catch (error) {
      // It may be noted.
      this.lookAgain();
      throw error;
    }
  }

  /** Nothing is left of it. Safe to retry. */
  async end(rootId: AgentId): Promise<void> {
    await (await this.open()).delete(`${PREFIX}${rootId}`);
    this.known?.delete(rootId);
  }

  /** Reads all of the bucket, once until `lookAgain`: only the replica that leads notes any. */
  async begun(): Promise<readonly BegunTree[]> {
    this.known ??= await this.read();
    return [...this.known.values()];
  }

  /** Another replica may have begun some. */
  lookAgain(): void {
    this.known = undefined;
  }

  /** Calls with each tree that is gone from now on; returns a stop function. */
  async watch(onGone: (rootId: AgentId) => void): Promise<() => Promise<void>> {
    const notes = await this.open();
    return notes.watch(PREFIX, (key, entry) => {
      if (entry === undefined) onGone(rootIdOf(key));
    });
  }

  private async read(): Promise<Map<AgentId, BegunTree>> {
    const begun = new Map<AgentId, BegunTree>();
    for await (const { key, value } of (await this.open()).entries(PREFIX)) {
      const rootId = rootIdOf(key);
      begun.set(rootId, { rootId, tenant: value.tenant });
    }
    return begun;
  }

  private async open(): Promise<StateStore<Note>> {
    this.notes ??= await this.states.open<Note>(CHECKPOINTS);
    return this.notes;
  }
}

function rootIdOf(key: string): AgentId {
  return key.slice(PREFIX.length) as AgentId;
}
