/** Told to a model whose conversation outgrows its window. `SUMMARY_REQUEST_BYTES` is no less than its size. */
export const SUMMARY_REQUEST = [
  'This conversation becomes too long. Everything in it but your task and the last few turns will be removed, and what you',
  'write now takes its place. You can call no tools in this turn.',
  'Write, in at most 1,000 words, all that you need to go on with your task: its state, decisions and why, facts and',
  'numbers that you found, what is still open, and the exact names and ids of agents, files and other things that you will need again.',
  'Write only that.',
].join('\n');

const SUMMARY_INTRODUCTION =
  'Your earlier turns were removed to save room. This is the summary of them that you wrote:';

/** What the agent is told in the place of what it had been told. */
export function toldSummary(written: string): string {
  return `${SUMMARY_INTRODUCTION}\n\n${written}`;
}
