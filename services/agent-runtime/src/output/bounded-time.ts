import { createContext, Script } from 'node:vm';

const TIMEOUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
const SCRIPT = new Script('work()');

/**
 * What the work returns, or undefined when it takes longer. This thread does nothing else meanwhile; patterns that go back
 * and forth for ever are cut off, too.
 *
 * @throws what the work throws
 */
export function inBoundedTime<Result>(ms: number, work: () => Result): Result | undefined {
  try {
    return SCRIPT.runInContext(createContext({ work }), { timeout: ms }) as Result;
  } catch (error) {
    if (isTimeout(error)) return undefined;
    throw error;
  }
}

function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === TIMEOUT;
}
