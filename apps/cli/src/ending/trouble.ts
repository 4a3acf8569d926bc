/** Exit codes of every command; `skynet --help` lists them. */
export const exitCodes = {
  /** Done; an agent that was waited for has completed. */
  ok: 0,
  /** Something is not there or does not work: the stack, the network, this program. */
  trouble: 1,
  /** The command line, or an argument that the server checks, is wrong. */
  usage: 2,
  /** The agent that was waited for ended otherwise than completed. */
  notCompleted: 3,
  /** The server said no, with a code. */
  refused: 4,
  /** The agent had not ended when the time was up. */
  stillRunning: 5,
  /** Two logs, a log and the rules, a log and the rows, or an audit trail and its signatures are not the same. */
  diverged: 6,
  /** Ctrl-C, as shells show it. */
  interrupted: 130,
} as const;

/** What the person at the keyboard can mend: one sentence of what is wrong, one of what to do. No stack is shown. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
  readonly next: string | undefined;
  readonly exitCode: number;

  constructor(
    message: string,
    options: {
      readonly next?: string;
      readonly exitCode?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.next = options.next;
    this.exitCode = options.exitCode ?? exitCodes.trouble;
  }
}
