import { expect, it } from '@jest/globals';
import { readOptions } from './options.js';

it.each(['--help', '-h'])('asks for the usage with %s, whatever else is said', (flag) => {
  expect(readOptions(['--seed', '7', flag])).toBe('help');
});

it('names the option that there is not', () => {
  expect(() => readOptions(['--sed', '7'])).toThrow("Unknown option '--sed'");
});
