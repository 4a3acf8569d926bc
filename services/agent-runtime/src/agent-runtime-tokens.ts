/** Tokens under which AgentRuntimeModule provides its parts. */
export const AGENT_RUNTIME = Symbol('AGENT_RUNTIME');
/** What the process does on a bug that it can't go on after. */
export const FATAL = Symbol('FATAL');
