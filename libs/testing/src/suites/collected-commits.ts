import type { Commit, CommitHandler } from '@skynet/platform';
import { textsOf } from './sample-events.js';

/** A handler that keeps what it was given and can be waited for. */
export class CollectedCommits {
  readonly commits: Commit[] = [];
  readonly #waiting = new Set<() => void>();

  readonly handler: CommitHandler = (commit) => {
    this.commits.push(commit);
    for (const look of this.#waiting) look();
  };

  get texts(): string[] {
    return this.commits.flatMap((commit) => textsOf(commit.events));
  }

  /** Resolves when so many commits have been handled. */
  until(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.commits.length < count) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
