import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KnownSecrets } from './known-secrets.js';

function knowing(...values: string[]): KnownSecrets {
  const secrets = new KnownSecrets();
  secrets.know(values);
  return secrets;
}

const jsonOf = (text: string) => JSON.stringify(text).slice(1, -1);
const lowerHex = (text: string) => text.replace(/%../g, (hex) => hex.toLowerCase());
/** How a text is put into another. */
const encodings: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  json: jsonOf,
  'json in json': (text) => jsonOf(jsonOf(text)),
  url: encodeURIComponent,
  'url in lower case': (text) => lowerHex(encodeURIComponent(text)),
  form: (text) => new URLSearchParams([['', text]]).toString().slice(1),
  'form in lower case': (text) => lowerHex(new URLSearchParams([['', text]]).toString().slice(1)),
};
const secretText = fc
  .string({ minLength: 8, maxLength: 60, unit: 'grapheme' })
  .filter((text) => text.trim().length >= 8 && text === text.trim());

describe('a value that is known', () => {
  it.each(Object.entries(encodings))('is cut out wherever it stands: %s', (_, encode) => {
    fc.assert(
      fc.property(secretText, fc.string(), fc.string(), (secret, before, after) => {
        const cut = knowing(secret).cut(`${before} ${encode(secret)} ${after}`);
        return !cut.includes(encode(secret)) && cut.includes('***');
      }),
    );
  });

  it.each(['base64', 'base64url'] as const)('leaves nothing to decode: %s', (encoding) => {
    fc.assert(
      fc.property(secretText, fc.string(), fc.string(), (secret, before, after) => {
        const text = Buffer.from(before + secret + after).toString(encoding);
        return knowing(secret).cut(text) !== text;
      }),
    );
  });

  it('is cut out of the beginning of a text, also where that ends within it', () => {
    const place = fc.nat({ max: 200 });
    fc.assert(
      fc.property(secretText, place, fc.nat({ max: 300 }), (secret, before, chars) => {
        const text = '.'.repeat(before) + secret.replaceAll('.', '-') + '.'.repeat(500);
        const start = knowing(secret.replaceAll('.', '-')).cutStart(text, chars);
        return start.length <= chars && /^\.*\*{0,3}\.*$/.test(start);
      }),
    );
    const whole = 'a text without any of them'.repeat(100);
    expect(knowing('correct horse').cutStart(whole, 100)).toBe(whole.slice(0, 100));
    expect(new KnownSecrets().cutStart(whole, 100)).toBe(whole.slice(0, 100));
    const many = knowing('correct horse').cutStart('correct horse'.repeat(1_000), 100);
    expect(many).toMatch(/^\**$/);
  });

  it('leaves the rest as it was', () => {
    const secrets = knowing('correct horse', 'correct horse battery');
    expect(secrets.cut('no correct horse battery, correct horses')).toBe('no ***, ***s');
    expect(secrets.cut('nothing to hide')).toBe('nothing to hide');
  });

  it('is also known without the scheme before it, and not when it is short', () => {
    expect(knowing('Bearer abcdefgh').cut('got abcdefgh')).toBe('got ***');
    expect(knowing('short').cut('short')).toBe('short');
  });

  it('comes from a registry and an environment, where its name says what it is', () => {
    const secrets = new KnownSecrets();
    secrets.knowRegistry({
      servers: {
        a: { env: { API_KEY: 'env-value', HOME: '/home/someone' } },
        b: { headers: { 'X-Api-Key': 'head-value', Accept: 'application/json' } },
      },
      providers: { c: { apiKey: 'provider-key', headers: { 'X-Gateway-Token': 'gateway-value' } } },
      secrets: [{ value: { reveal: () => 'named-value' } }],
    });
    secrets.knowEnvironment({ GITHUB_TOKEN: 'variable-value', KEY_FILE: '/run/key-file' });
    const text = 'env-value head-value named-value variable-value provider-key gateway-value';
    expect(secrets.cut(text)).toBe('*** *** *** *** *** ***');
    const plain = '/home/someone application/json /run/key-file';
    expect(secrets.cut(plain)).toBe(plain);
  });
});

describe('values that change', () => {
  const token = (number: number) => `token-number-${number}.`;

  it('are known as long as they are among the newest six of their owner', () => {
    const secrets = knowing('of-the-operator');
    secrets.knowFor('crm', ['token-of-crm']);
    for (let number = 1; number <= 500; number += 1) {
      secrets.knowFor('files', ['client-secret', token(number)]);
    }
    const newest = [496, 497, 498, 499, 500].map(token);
    const known = ['of-the-operator', 'token-of-crm', 'client-secret', ...newest];
    expect(known.map((each) => secrets.cut(each))).toEqual(known.map(() => '***'));
    expect([1, 100, 495].map((number) => secrets.cut(token(number)))).toEqual(
      [1, 100, 495].map(token),
    );
  });

  it('are all known when they are given together, and in each form', () => {
    const secrets = new KnownSecrets();
    const values = Array.from({ length: 9 }, (_, number) => token(number));
    secrets.knowFor('crm', values);
    expect(values.map((each) => secrets.cut(each))).toEqual(values.map(() => '***'));
    secrets.knowFor('crm', ['Bearer with/slash+']);
    expect(secrets.cutKnown('with%2Fslash%2B')).toBe('***');
  });

  it("stay known when they are the operator's as well", () => {
    const secrets = knowing(token(0));
    for (let number = 0; number < 9; number += 1) secrets.knowFor('crm', [token(number)]);
    expect(secrets.cut(`${token(0)} ${token(1)}`)).toBe(`*** ${token(1)}`);
  });

  it('leave no text cut that has none', () => {
    const secrets = new KnownSecrets();
    secrets.knowFor('crm', []);
    secrets.knowFor('crm', ['short']);
    expect(secrets.cutStart('a short text', 8)).toBe('a short ');
  });
});

describe('what looks like a key', () => {
  it.each([
    ['invalid key sk-ant-api03-abcDEF012345678901', 'invalid key ***'],
    ['bad credentials ghp_abcdefABCDEF0123456789', 'bad credentials ***'],
    ['authorization: Bearer abc.def.ghi', 'authorization: ***'],
    ['{"Authorization":"Basic dXNlcjpwYXNz"}', '{"Authorization":"***"}'],
    ['{\\"x-api-key\\":\\"abcdef\\"}', '{\\"x-api-key\\":\\"***\\"}'],
    ['sent Bearer eyJhbGciOi1.abc', 'sent Bearer ***'],
  ])('is cut out of an error: %s', (text, expected) => {
    expect(new KnownSecrets().cut(text)).toBe(expected);
    expect(new KnownSecrets().cutKnown(text)).toBe(text);
  });

  it.each(['sk-', 'ghp-', 'bearer ', 'cookie: bearer '])(
    'is looked for in a time that grows with the text alone: %j',
    (start) => {
      const text = start.repeat(200_000 / start.length);
      const beginMs = performance.now();
      new KnownSecrets().cut(text);
      // Where it grows with the square of it, it takes most of a minute.
      expect(performance.now() - beginMs).toBeLessThan(5_000);
    },
  );

  it.each(['task-management-of-2026-releases', 'bearer authentication required', 'sk-learn'])(
    'is not cut out when it is none: %s',
    (text) => expect(new KnownSecrets().cut(text)).toBe(text),
  );
});
