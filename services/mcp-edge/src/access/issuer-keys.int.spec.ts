import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startForeignIssuer, type ForeignIssuer } from '../testing/foreign-issuer.js';
import { IssuerKeys } from './issuer-keys.js';
import { issuerMetadata } from './issuer-metadata.js';

const inside = async () => [{ address: '127.0.0.1', family: 4 }];

let issuer: ForeignIssuer;

beforeEach(async () => {
  issuer = await startForeignIssuer();
});
afterEach(() => issuer.stop());

const named = () => issuer.issuer.replace('127.0.0.1', 'login.test');

describe('an issuer whose name leads inside', () => {
  it('is not asked, and how to allow it is said', async () => {
    const keys = new IssuerKeys({ issuer: named(), resolve: inside });
    await expect(keys.check()).rejects.toThrow(
      /login.test has an address that is not public; set EDGE_ISSUER_ALLOW_PRIVATE=true/,
    );
    expect(issuer.asked).toEqual([]);
  });

  it('is asked by word', async () => {
    issuer.calls(named());
    const keys = new IssuerKeys({ issuer: named(), issuerAllowPrivate: true, resolve: inside });
    await keys.check();
    expect(issuer.asked).toContain('/realms/acme/certs');
  });
});

describe('keys at a name that leads inside', () => {
  it('are not fetched', async () => {
    const jwksUrl = `${named()}/certs`;
    const keys = new IssuerKeys({ issuer: issuer.issuer, jwksUrl, resolve: inside });
    await expect(keys.check()).rejects.toThrow('login.test has an address that is not public');
    expect(issuer.asked).toEqual([]);
  });
});

describe('keys that metadata name', () => {
  it('are not fetched from this machine, unless the operator wrote that very host', async () => {
    const { origin } = new URL(issuer.issuer);
    issuer.keepsKeysAt(`${origin.replace('127.0.0.1', '127.0.0.2')}/realms/acme/certs`);
    const keys = new IssuerKeys({ issuer: issuer.issuer });
    await expect(keys.check()).rejects.toThrow('127.0.0.2 is not public');
    expect(issuer.asked).not.toContain('/realms/acme/certs');
  });
});

describe('an issuer that says too much', () => {
  it('is not read to the end, whatever it says of the length', async () => {
    issuer.says('x'.repeat(300 * 1_024));
    const keys = new IssuerKeys({ issuer: issuer.issuer });
    await expect(keys.check()).rejects.toThrow('the answer is larger than 262144 bytes');
    expect(await issuerMetadata({ issuer: issuer.issuer })).toBeUndefined();
  });

  it('is handed on with all that it says, where that is not too much', async () => {
    issuer.says('x'.repeat(1_024));
    expect(await issuerMetadata({ issuer: issuer.issuer })).toMatchObject({
      issuer: issuer.issuer,
      more: expect.any(String),
    });
  });
});
