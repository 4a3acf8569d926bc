const FRAME = /^\s+at /m;
const ERROR = /^(?:\w*Error(?: \[\w+\])?: )(.+)$/m;

/** What a program of ours said before it ended; of one that crashed what went wrong, without where in its code. */
export function wordsOfProgram(stderr: string): string {
  if (!FRAME.test(stderr)) return stderr.trim();
  return ERROR.exec(stderr)?.[1] ?? withoutFrames(stderr.trim().split('\n')).join('\n');
}

/** The lines without those that name places in code. */
export function withoutFrames(lines: readonly string[]): string[] {
  return lines.filter((line) => !FRAME.test(line));
}
