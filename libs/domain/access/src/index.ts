export type { ClientCommand } from './client-command.js';
export type { Client } from './client-state.js';
export { endsTokens } from './ends-tokens.js';
export {
  principalDecider,
  type PrincipalCommand,
  type PrincipalState,
} from './principal.decider.js';
export type { UserCommand } from './user-command.js';
export type { User } from './user-state.js';
