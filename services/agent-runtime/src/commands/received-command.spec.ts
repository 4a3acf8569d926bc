import { expect, it } from '@jest/globals';
import type { CommandEnvelope } from '@skynet/contracts';
import { receive } from './received-command.js';

const clock = { nowMs: () => 500_000, monotonicMs: () => 70 };
const until = (notAfterMs: number): CommandEnvelope => ({
  ...{ id: 'one', type: 'PauseAgent', tenant: 'acme', principal: 'alice', data: {} },
  notAfterMs,
});

it.each([
  ['as long as its sender says', 500_600, 670],
  ['in its last moment', 500_000, 70],
  ['for no longer than any command, to a clock that is minutes behind', 620_000, 2_070],
])('a command is valid %s', (_, notAfterMs, lastMomentMs) => {
  expect(receive(until(notAfterMs), clock)).toEqual({ ...until(notAfterMs), lastMomentMs });
});

it('a command that comes later is none', () => {
  expect(receive(until(499_999), clock)).toBeUndefined();
});
