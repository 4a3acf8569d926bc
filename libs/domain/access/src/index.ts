export type { UserCommand } from './user-command.js';
export type { User, UserState } from './user-state.js';
export { userDecider } from './user.decider.js';
