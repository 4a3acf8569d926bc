import { rejection, scopeSchema, type ClientEvent } from '@skynet/contracts';
import {
  accept,
  nothingToDo,
  reject,
  unreachable,
  type Decider,
  type Decision,
} from '@skynet/kernel';
import type { ClientCommand } from './client-command.js';
import type { Client, ClientState } from './client-state.js';

type DataOf<Type extends ClientCommand['type']> = Extract<ClientCommand, { type: Type }>['data'];
type AccessChanged = Extract<ClientEvent, { type: 'ClientAccessChanged' }>['data'];

/** The rules of one client. Its id is taken for ever, also when it is removed: who acted under it must stay known. */
export const clientDecider: Decider<ClientCommand, ClientEvent, ClientState> = {
  initialState: undefined,
  decide,
  evolve,
};

function decide(command: ClientCommand, state: ClientState): Decision<ClientEvent> {
  if (command.type === 'RegisterClient') return register(command.data, state);
  if (command.type === 'RemoveClient' && state?.removed === true) return nothingToDo();
  if (state === undefined || state.removed) {
    return reject(rejection('CLIENT_NOT_FOUND', 'There is no such client.'));
  }
  switch (command.type) {
    case 'ChangeClient':
      return change(command.data, state);
    case 'ReplaceClientSecret':
      return accept({ type: 'ClientSecretReplaced', data: command.data });
    case 'RemoveClient':
      return accept({ type: 'ClientRemoved', data: {} });
    default:
      return unreachable(command);
  }
}

function register(data: DataOf<'RegisterClient'>, state: ClientState): Decision<ClientEvent> {
  if (state !== undefined) {
    const was = state.removed ? 'was' : 'is';
    const message = `There ${was} a client ${data.clientId} already.`;
    return reject(rejection('CLIENT_EXISTS', message));
  }
  const { roles, scopes, ...rest } = data;
  return accept({ type: 'ClientRegistered', data: { ...rest, ...accessOf(roles, scopes) } });
}

function change(data: DataOf<'ChangeClient'>, client: Client): Decision<ClientEvent> {
  const { disabled = client.disabled } = data;
  const scopes = data.scopes === undefined ? client.scopes : (data.scopes ?? undefined);
  const access = accessOf(data.roles ?? client.roles, scopes);
  const events: ClientEvent[] = [];
  if (!isSame(access, accessOf(client.roles, client.scopes))) {
    events.push({ type: 'ClientAccessChanged', data: access });
  }
  if (disabled !== client.disabled) {
    events.push({ type: disabled ? 'ClientDisabled' : 'ClientEnabled', data: {} });
  }
  return events.length === 0 ? nothingToDo() : accept(...events);
}

/** Each role and scope once; scopes in the order of their table. */
function accessOf(roles: Client['roles'], scopes: Client['scopes']): AccessChanged {
  const once = [...new Set(roles)];
  if (scopes === undefined) return { roles: once };
  return { roles: once, scopes: scopeSchema.options.filter((scope) => scopes.includes(scope)) };
}

function isSame(one: AccessChanged, other: AccessChanged): boolean {
  return (
    one.roles.toSorted().join() === other.roles.toSorted().join() &&
    one.scopes?.join() === other.scopes?.join()
  );
}

function evolve(state: ClientState, event: ClientEvent): ClientState {
  if (event.type === 'ClientRegistered') return { ...event.data, disabled: false, removed: false };
  return state === undefined ? undefined : changed(state, event);
}

function changed(
  client: Client,
  event: Exclude<ClientEvent, { type: 'ClientRegistered' }>,
): Client {
  switch (event.type) {
    case 'ClientAccessChanged': {
      const { scopes: _, ...rest } = client;
      return { ...rest, ...event.data };
    }
    case 'ClientSecretReplaced':
      return withSecret(client, event.data);
    case 'ClientDisabled':
      return { ...client, disabled: true };
    case 'ClientEnabled':
      return { ...client, disabled: false };
    case 'ClientRemoved':
      return { ...client, removed: true };
    default:
      return unreachable(event);
  }
}

function withSecret(
  { oldSecret: _, ...client }: Client,
  { secretHash, oldUntilMs }: DataOf<'ReplaceClientSecret'>,
): Client {
  if (oldUntilMs === undefined) return { ...client, secretHash };
  return {
    ...client,
    secretHash,
    oldSecret: { hash: client.secretHash, untilMs: oldUntilMs },
  };
}
