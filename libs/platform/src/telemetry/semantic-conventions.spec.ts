import * as published from '@opentelemetry/semantic-conventions/incubating';
import { expect, it } from '@jest/globals';
import { attributeNames } from './semantic-conventions.js';

const registry = new Set<unknown>(Object.values(published));
const names = Object.values(attributeNames);

it.each(names.filter((name) => !name.startsWith('skynet.')))(
  '%s stands in the published registry',
  (name) => {
    expect(registry).toContain(name);
  },
);

it('our own names are no names of others', () => {
  const own = names.filter((name) => name.startsWith('skynet.'));
  expect(own.length).toBeGreaterThan(10);
  expect(own.filter((name) => registry.has(name))).toEqual([]);
});
