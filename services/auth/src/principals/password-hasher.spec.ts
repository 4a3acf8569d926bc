import { describe, expect, it } from '@jest/globals';
import { OverloadedError } from '@skynet/platform';
import { PasswordHasher } from './password-hasher.js';

const hasher = new PasswordHasher({ N: 1_024, r: 8, p: 1 });

describe('a password', () => {
  it('is known by its hash, and no other is', async () => {
    const hash = await hasher.hash('correct horse');
    expect(await hasher.matches('correct horse', hash)).toBe(true);
    expect(await hasher.matches('correct horses', hash)).toBe(false);
    expect(await hasher.matches('', hash)).toBe(false);
  });

  it('hashes differently each time', async () => {
    expect(await hasher.hash('same')).not.toBe(await hasher.hash('same'));
  });

  it('is the same however its letters were composed', async () => {
    const hash = await hasher.hash('caf\u00e9 au lait');
    expect(await hasher.matches('cafe\u0301 au lait', hash)).toBe(true);
  });

  it('is hashed at full cost in production, and the cost stands in the hash', async () => {
    const full = new PasswordHasher();
    const hash = await full.hash('correct horse');
    expect(hash).toMatch(/^scrypt\$131072\$8\$1\$/);
    expect(await hasher.matches('correct horse', hash)).toBe(true);
  });

  it('of nobody is wrong', async () => {
    expect(await hasher.matches('anything', undefined)).toBe(false);
  });

  it('is refused when too many wait already, and the others go on', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () => hasher.hash('correct horse')),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(6);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(OverloadedError);
  });
});
