/** Whether a subject falls under a pattern; `*` is one token, a final `>` one or more, as in NATS. */
export function subjectMatches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  const open = wanted.at(-1) === '>';
  if (open) wanted.pop();
  if (open ? tokens.length <= wanted.length : tokens.length !== wanted.length) return false;
  return wanted.every((token, index) => token === '*' || token === tokens[index]);
}
