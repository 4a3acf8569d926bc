import { describe, expect, it } from '@jest/globals';
import {
  clientEventSchemas,
  readClientEvent,
  readPrincipalEvent,
  readUserEvent,
  userEventSchemas,
} from '@skynet/contracts';
import { fold } from '@skynet/kernel';
import { loadHistories } from '@skynet/testing';
import { clientDecider } from './client.decider.js';
import { principalDecider } from './principal.decider.js';
import { userDecider } from './user.decider.js';

const folder = new URL('./histories/', import.meta.url);
const schemas = { ...userEventSchemas, ...clientEventSchemas };
const users = loadHistories(folder, 'v1-user');
const clients = loadHistories(folder, 'v1-client');

describe.each([...users, ...clients])('the history $name of version 1', ({ events }) => {
  it('holds only events of shapes that were frozen then', () => {
    for (const { type, data } of events) schemas[type as keyof typeof schemas].parse(data);
  });
});

describe.each(users)('the history $name of version 1', ({ events, state }) => {
  it('folds to what it folded to then', () => {
    expect(fold(userDecider, events.map(readUserEvent))).toEqual(state);
    expect(fold(principalDecider, events.map(readPrincipalEvent))).toEqual({ user: state });
  });
});

describe.each(clients)('the history $name of version 1', ({ events, state }) => {
  it('folds to what it folded to then', () => {
    expect(fold(clientDecider, events.map(readClientEvent))).toEqual(state);
    expect(fold(principalDecider, events.map(readPrincipalEvent))).toEqual({ client: state });
  });
});

describe('the histories', () => {
  it('hold every event that a user or a client can have', () => {
    const all = [...users, ...clients].flatMap(({ events }) => events.map(({ type }) => type));
    expect([...new Set(all)].toSorted()).toEqual(Object.keys(schemas).toSorted());
  });
});
