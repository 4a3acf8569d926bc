import type { CliConfig } from './cli.config.js';
import type { Terminal } from '../screen/terminal.js';

/** What a command does; the number is its exit code. */
export type Work = Promise<number>;

/** What every command gets beside its arguments. */
export interface Surroundings {
  readonly config: CliConfig;
  readonly terminal: Terminal;
  /** Waits for the work; what it resolves with becomes the exit code of this process. */
  run(work: Work): Promise<void>;
}
