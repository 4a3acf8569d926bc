import type { AgentId } from '@skynet/contracts';
import type { Entry } from './schedule-entry.js';

/** Queued agents of trees that have not started, by root: forks of children that had not ended. */
export class BehindRoots {
  private readonly entries = new Map<AgentId, Entry[]>();

  add(rootId: AgentId, entry: Entry): void {
    this.entries.set(rootId, [...(this.entries.get(rootId) ?? []), entry]);
  }

  /** Those behind the root, which are kept no longer. */
  take(rootId: AgentId): readonly Entry[] {
    const behind = this.entries.get(rootId) ?? [];
    this.entries.delete(rootId);
    return behind;
  }
}
