import { isClientEvent, rejection, type PrincipalEvent } from '@skynet/contracts';
import { reject, type Decider, type Decision } from '@skynet/kernel';
import type { ClientCommand } from './client-command.js';
import { clientDecider } from './client.decider.js';
import type { ClientState } from './client-state.js';
import type { UserCommand } from './user-command.js';
import { userDecider } from './user.decider.js';
import type { UserState } from './user-state.js';

export type PrincipalCommand = UserCommand | ClientCommand;

/** At most one of them is there. */
export interface PrincipalState {
  readonly user?: UserState;
  readonly client?: ClientState;
}

/** The rules of one name: it is a user's or a client's, never both, because tokens say no more than the name. */
export const principalDecider: Decider<PrincipalCommand, PrincipalEvent, PrincipalState> = {
  initialState: {},
  decide,
  evolve,
};

function decide(command: PrincipalCommand, state: PrincipalState): Decision<PrincipalEvent> {
  if (isOfUser(command)) {
    return command.type === 'RegisterUser' && state.client !== undefined
      ? reject(rejection('USER_EXISTS', `There is a client ${command.data.name} already.`))
      : userDecider.decide(command, state.user);
  }
  return command.type === 'RegisterClient' && state.user !== undefined
    ? reject(rejection('CLIENT_EXISTS', `There is a user ${command.data.clientId} already.`))
    : clientDecider.decide(command, state.client);
}

function evolve(state: PrincipalState, event: PrincipalEvent): PrincipalState {
  return isClientEvent(event)
    ? { ...state, client: clientDecider.evolve(state.client, event) }
    : { ...state, user: userDecider.evolve(state.user, event) };
}

function isOfUser(command: PrincipalCommand): command is UserCommand {
  return command.type === 'RegisterUser' || command.type === 'ChangeUser';
}
