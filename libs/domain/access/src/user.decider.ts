import { rejection, type UserEvent } from '@skynet/contracts';
import {
  accept,
  nothingToDo,
  reject,
  unreachable,
  type Decider,
  type Decision,
} from '@skynet/kernel';
import type { UserCommand } from './user-command.js';
import type { User, UserState } from './user-state.js';

type DataOf<Type extends UserCommand['type']> = Extract<UserCommand, { type: Type }>['data'];

/** The rules of one user. A name is taken for ever: who acted under it must stay known. */
export const userDecider: Decider<UserCommand, UserEvent, UserState> = {
  initialState: undefined,
  decide,
  evolve,
};

function decide(command: UserCommand, state: UserState): Decision<UserEvent> {
  switch (command.type) {
    case 'RegisterUser':
      return register(command.data, state);
    case 'ChangeUser':
      return state === undefined
        ? reject(rejection('USER_NOT_FOUND', 'There is no such user.'))
        : change(command.data, state);
    default:
      return unreachable(command);
  }
}

function register(data: DataOf<'RegisterUser'>, state: UserState): Decision<UserEvent> {
  if (state !== undefined) {
    return reject(rejection('USER_EXISTS', `There is a user ${data.name} already.`));
  }
  return accept({ type: 'UserRegistered', data: { ...data, roles: [...new Set(data.roles)] } });
}

function change(data: DataOf<'ChangeUser'>, user: User): Decision<UserEvent> {
  const { passwordHash, roles = user.roles, disabled = user.disabled } = data;
  const granted = [...new Set(roles)].filter((role) => !user.roles.includes(role));
  const revoked = user.roles.filter((role) => !roles.includes(role));
  const events: UserEvent[] = [
    ...granted.map((role): UserEvent => ({ type: 'RoleGranted', data: { role } })),
    ...revoked.map((role): UserEvent => ({ type: 'RoleRevoked', data: { role } })),
  ];
  if (passwordHash !== undefined && passwordHash !== user.passwordHash) {
    events.push({ type: 'PasswordChanged', data: { passwordHash } });
  }
  if (disabled !== user.disabled) {
    events.push({ type: disabled ? 'UserDisabled' : 'UserEnabled', data: {} });
  }
  return events.length === 0 ? nothingToDo() : accept(...events);
}

function evolve(state: UserState, event: UserEvent): UserState {
  if (event.type === 'UserRegistered') return { ...event.data, disabled: false };
  return state === undefined ? undefined : changed(state, event);
}

function changed(user: User, event: Exclude<UserEvent, { type: 'UserRegistered' }>): User {
  switch (event.type) {
    case 'PasswordChanged':
      return { ...user, passwordHash: event.data.passwordHash };
    case 'RoleGranted':
      return { ...user, roles: [...user.roles, event.data.role] };
    case 'RoleRevoked':
      return { ...user, roles: user.roles.filter((role) => role !== event.data.role) };
    case 'UserDisabled':
      return { ...user, disabled: true };
    case 'UserEnabled':
      return { ...user, disabled: false };
    default:
      return unreachable(event);
  }
}
