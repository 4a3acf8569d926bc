import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { natsRightsPage } from './docs/nats-rights.js';

const file = resolve(import.meta.dirname, '../../docs/operations/nats-rights.md');

it('the page about rights on NATS says what they are', () => {
  const page = natsRightsPage();
  if (process.env['WRITE_DOCS'] === '1') writeFileSync(file, page);
  expect(readFileSync(file, 'utf8')).toBe(page);
});
