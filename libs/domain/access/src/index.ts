export type { ClientCommand } from './client-command.js';
export type { Client, ClientState } from './client-state.js';
export { clientDecider } from './client.decider.js';
export { endsTokens } from './ends-tokens.js';
export {
  principalDecider,
  type PrincipalCommand,
  type PrincipalState,
} from './principal.decider.js';
export type { UserCommand } from './user-command.js';
export type { User, UserState } from './user-state.js';
export { userDecider } from './user.decider.js';
