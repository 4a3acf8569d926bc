import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryStateStores } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { openArtifacts, type Artifacts } from './artifacts.js';

let clock: ManualClock;
const revocations = { ofGrant: () => Promise.resolve() };
let artifacts: (kind: string) => Artifacts;

beforeEach(async () => {
  clock = new ManualClock();
  artifacts = await openArtifacts(new MemoryStateStores(clock), revocations, clock);
});

const token = { jti: 't', kind: 'RefreshToken', grantId: 'g', accountId: 'alice' };

describe('an artifact', () => {
  it('is found by its id until it expires', async () => {
    await artifacts('RefreshToken').upsert('t', token, 60);
    expect(await artifacts('RefreshToken').find('t')).toEqual(token);
    await clock.advance(60_000);
    expect(await artifacts('RefreshToken').find('t')).toBeUndefined();
  });

  it('is no artifact of another kind', async () => {
    await artifacts('RefreshToken').upsert('t', token, 60);
    expect(await artifacts('AuthorizationCode').find('t')).toBeUndefined();
  });

  it('is found by the code that a person types, and by the session', async () => {
    const code = { jti: 'd', userCode: 'AAAA' };
    await artifacts('DeviceCode').upsert('d', code, 60);
    expect(await artifacts('DeviceCode').findByUserCode('AAAA')).toEqual(code);
    const session = { jti: 's', uid: 'u' };
    await artifacts('Session').upsert('s', session, 60);
    expect(await artifacts('Session').findByUid('u')).toEqual(session);
  });

  it('is gone when it was destroyed', async () => {
    await artifacts('Session').upsert('s', { jti: 's', uid: 'u' }, 60);
    await artifacts('Session').destroy('s');
    expect(await artifacts('Session').find('s')).toBeUndefined();
    expect(await artifacts('Session').findByUid('u')).toBeUndefined();
  });
});

describe('an artifact that is good once', () => {
  it('is shown as used', async () => {
    await artifacts('RefreshToken').upsert('t', token, 60);
    await artifacts('RefreshToken').consume('t');
    expect(await artifacts('RefreshToken').find('t')).toMatchObject({
      consumed: expect.any(Number),
    });
  });

  it('is used by one of many at the same time, and then its whole family is void', async () => {
    await artifacts('RefreshToken').upsert('t', token, 60);
    const uses = await Promise.allSettled(
      Array.from({ length: 3 }, () => artifacts('RefreshToken').consume('t')),
    );
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await artifacts('RefreshToken').find('t')).toBeUndefined();
  });
});

describe('a revoked grant', () => {
  it('is known still to have been of its login', async () => {
    await artifacts('RefreshToken').upsert('t', token, 60);
    await artifacts('RefreshToken').revokeByGrantId('g');
    expect(await artifacts('RefreshToken').loginOf('t')).toEqual({ login: 'g', user: 'alice' });
    expect(await artifacts('RefreshToken').loginOf('none')).toBeUndefined();
  });

  it('voids all that came of it, what is just being made too, and nothing else', async () => {
    await artifacts('RefreshToken').upsert('t', token, 60);
    await artifacts('RefreshToken').upsert('other', { ...token, jti: 'other', grantId: 'h' }, 60);
    await artifacts('AuthorizationCode').revokeByGrantId('g');
    await artifacts('RefreshToken').upsert('late', { ...token, jti: 'late' }, 60);
    expect(await artifacts('RefreshToken').find('t')).toBeUndefined();
    expect(await artifacts('RefreshToken').find('late')).toBeUndefined();
    expect(await artifacts('RefreshToken').find('other')).toBeDefined();
  });
});
