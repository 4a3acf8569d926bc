import { describe, expect, it } from '@jest/globals';
import { hashSecret, newSecret, SECRET_HASH, secretMatches } from './client-secret.js';

describe('the secret of a client', () => {
  it('is known by its hash, and no other secret is', async () => {
    const secret = newSecret();
    const hash = await hashSecret(secret);
    expect(await secretMatches(secret, hash)).toBe(true);
    expect(await secretMatches(`${secret}x`, hash)).toBe(false);
    expect(await secretMatches('', hash)).toBe(false);
  });

  it('hashes differently each time', async () => {
    const [one, other] = [await hashSecret('same'), await hashSecret('same')];
    expect(one).toMatch(SECRET_HASH);
    expect(one).not.toBe(other);
  });

  it('is checked at the cost that its hash names', async () => {
    // Made with Python's hashlib.scrypt.
    const cheap =
      'scrypt$1024$8$1$c2FsdHNhbHRzYWx0c2FsdA$v_uBvjpkrv4-RPlRbT7o_v0_ucpdIQIN3-rMqzxpxj4';
    expect(await secretMatches('hunter2', cheap)).toBe(true);
  });

  it('is never compared with something that is no hash', async () => {
    await expect(secretMatches('secret', 'secret')).rejects.toThrow('not a secret hash');
  });
});
