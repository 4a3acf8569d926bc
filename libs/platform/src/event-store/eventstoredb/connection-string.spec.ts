import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../runtime/secret.js';
import { connectionText } from './connection-string.js';

const read = (text: string) => connectionText(new Secret(text));

describe('the address of EventStoreDB', () => {
  it.each([
    ['kurrentdb://localhost', 'kurrentdb://localhost?discoveryInterval=20'],
    ['esdb://a:b@h:2113?tls=true', 'kurrentdb://a:b@h:2113?tls=true&discoveryInterval=20'],
    [
      'esdb+discover://h:2113/?nodePreference=leader',
      'kurrentdb+discover://h:2113/?nodePreference=leader&discoveryInterval=20',
    ],
    ['kurrentdb://h1,h2:2114?discoveryInterval=5', 'kurrentdb://h1,h2:2114?discoveryInterval=5'],
  ])('%s is taken', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    'http://admin:changeit@localhost',
    'kurrentdb://admin:changeit@',
    'kurrentdb://admin:change@it@localhost',
    'kurrentdb://admin:changeit@localhost?colour=changeit',
  ])('is refused without showing a password, as %s', (text) => {
    expect(() => read(text)).toThrow(/^((?!change).)*$/);
  });

  it('is refused with the names of options that do not exist', () => {
    expect(() => read('kurrentdb://localhost?tls=true&colour=red')).toThrow('know: colour');
  });
});
