/** What the processes of the stack inherit. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, NO_COLOR: '1' };
}
