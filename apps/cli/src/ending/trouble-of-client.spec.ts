import { describe, expect, it } from '@jest/globals';
import {
  AdminRefused,
  Refused,
  ServerError,
  type ServerErrorCode,
  TokenRefused,
} from '@skynet/client';
import { troubleOf } from './trouble-of.js';

describe('a server that can not be asked', () => {
  it.each<[ServerErrorCode, string | undefined]>([
    ['EDGE_AWAY', 'Start it with "npm start", or name another one with --url and --token.'],
    ['EDGE_SILENT', undefined],
    ['EDGE_UNAUTHORIZED', 'Start the stack again for a new token, or name another one.'],
    ['EDGE_RATE_LIMITED', expect.stringContaining('wait') as unknown as string],
    ['EDGE_FAILED', undefined],
    ['AUTH_AWAY', 'Does the stack run? "npm start" starts it.'],
    ['AUTH_OTHER', 'Is another program on its port? "skynet doctor" says what is there.'],
  ])('is told with what to do: %s', (code, next) => {
    // What the system said below must not outdo the words.
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const trouble = troubleOf(new ServerError(code, 'It is so.', { cause }));
    expect(trouble).toMatchObject({ message: 'It is so.', exitCode: 1 });
    expect(trouble.next).toEqual(next);
  });
});

describe('a refusal', () => {
  it.each([
    ['INVALID_ARGUMENTS', 2],
    ['RATE_LIMITED', 1],
    ['AGENT_NOT_FOUND', 4],
  ] as const)('of a tool ends with the exit code of its kind: %s', (code, exitCode) => {
    expect(troubleOf(new Refused(code, 'no', 'do this'))).toMatchObject({
      message: `${code}: no`,
      next: 'do this',
      exitCode,
    });
  });

  it.each([
    [400, 2],
    [403, 4],
    [409, 4],
  ])('of an administrator likewise: HTTP %d', (status, exitCode) => {
    const trouble = troubleOf(new AdminRefused(status, 'There is a bob.', 'Name another.'));
    expect(trouble).toMatchObject({ message: 'There is a bob.', next: 'Name another.', exitCode });
  });

  it('of a token is told with the words of who gives them', () => {
    expect(troubleOf(new TokenRefused('invalid_client', 'unknown client'))).toMatchObject({
      message: 'The auth service gave no token: unknown client',
      next: undefined,
      exitCode: 1,
    });
  });
});
