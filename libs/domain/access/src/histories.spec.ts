import { describe, expect, it } from '@jest/globals';
import { readUserEvent, userEventSchemas, type UserEvent } from '@skynet/contracts';
import { fold } from '@skynet/kernel';
import { loadHistories } from '@skynet/testing';
import { userDecider } from './user.decider.js';

const histories = loadHistories(new URL('./histories/', import.meta.url), 'v1-');

describe.each(histories)('the history $name of version 1', ({ events, state }) => {
  it('holds only events of shapes that were frozen then', () => {
    for (const { type, data } of events) userEventSchemas[type as UserEvent['type']].parse(data);
  });

  it('folds to what it folded to then', () => {
    expect(fold(userDecider, events.map(readUserEvent))).toEqual(state);
  });
});

describe('the histories', () => {
  it('hold every event that a user can have', () => {
    const seen = new Set(histories.flatMap(({ events }) => events.map(({ type }) => type)));
    expect([...seen].toSorted()).toEqual(Object.keys(userEventSchemas).toSorted());
  });
});
