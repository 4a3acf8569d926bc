import { OverloadedError } from '@skynet/platform';

/** More wait in no memory: the queue of commands is not the edge. */
const COMMANDS_MAX = 5_000;
const BYTES_MAX = 8 * 1024 * 1024;

/** What is kept of commands that the queue has not acknowledged, or whose answers are waited for. */
export class UnderWay {
  private commands = 0;
  private bytes = 0;

  /**
   * Counts one more, until the returned function is called.
   *
   * @throws OverloadedError when there are too many, or too large ones
   */
  begin(bytes: number): () => void {
    if (this.commands >= COMMANDS_MAX || this.bytes + bytes > BYTES_MAX) {
      const waiting = `${this.commands} commands with ${this.bytes} bytes`;
      throw new OverloadedError(`${waiting} wait for their answers`);
    }
    this.commands += 1;
    this.bytes += bytes;
    return () => {
      this.commands -= 1;
      this.bytes -= bytes;
    };
  }
}
