import type { StreamFault } from '@skynet/platform';
import type { AgentCommit } from './agent-commit.js';

/** One who does something with the commits of the log: a view, the reactions, signals to what runs here. */
export interface LogConsumer {
  /** Whether it is handed something on the leading replica only. Default: on each. */
  readonly onLeaderOnly?: boolean;
  /**
   * Called with the commits in the order of the log; may see one again. Those after it, and the consumers listed after
   * this one, wait for a promise. What it throws that is no fault of the stream or the world ends the process.
   */
  handle(commit: AgentCommit): Promise<void> | void;
  /** The stream of an agent can't be read on: nothing more of it is handed on. May see one again. */
  handleFault?(fault: StreamFault): void;
  /** This replica leads: from here on it sees everything since the checkpoint. */
  lead?(): void;
  /** This replica leads no more. */
  follow?(): void;
  /**
   * Resolves when all it was handed is dealt with for good: the checkpoint moves there, and nobody sees it again. Default:
   * at once. Safe to retry.
   */
  settled?(): Promise<void>;
}
