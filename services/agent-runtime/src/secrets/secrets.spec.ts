import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secrets } from './secrets.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function of(text: string): Secrets {
  const file = join(folder, 'secrets');
  writeFileSync(file, text);
  chmodSync(file, 0o600);
  return new Secrets(file);
}

describe('a file of secrets', () => {
  it.each([
    ['{"a": "value"}', 'value'],
    ['{"a": 12345678}', '12345678'],
    ['a=value', 'value'],
    ['# mine\n\nexport a = "value = 1" \r\nb=2', 'value = 1'],
    ["a='value'", 'value'],
    ['a=#value', '#value'],
    ['\uFEFF{"a": "value"}', 'value'],
  ])('may be %j', (text, value) => {
    expect(of(text).find('a')).toBe(value);
  });

  it.each([
    ['', 'there is no secret a in'],
    ['nonsense of-secrets\nb=1', 'what can not be read there: line 1'],
    ['{"a": "of-secrets"', 'begins like JSON and is none'],
    ['{"a": {"of-secrets": 1}}', 'what can not be read there: a'],
    ['a=', 'the secret a is empty'],
    ['{"a": "of-secrets\\n2"}', 'control characters'],
  ])('that lacks one says why, and nothing of what it holds: %j', (text, cause) => {
    const found = of(text).find('a');
    expect(found).toMatchObject({ next: expect.any(String) });
    expect((found as { cause: string }).cause).toContain(cause);
    expect(JSON.stringify(found)).not.toContain('of-secrets');
  });
});

describe('a folder of secrets', () => {
  it('has a file for each, without the end of its line', () => {
    const path = join(folder, 'each');
    mkdirSync(path);
    writeFileSync(join(path, 'github.token'), 'value\n');
    const secrets = new Secrets(path);
    expect(secrets.find('github.token')).toBe('value');
    expect(secrets.find('none')).toMatchObject({ cause: expect.stringContaining('no such file') });
    expect([...secrets.files]).toEqual([join(path, 'github.token'), join(path, 'none')]);
    expect([...secrets.values]).toEqual([['github.token', 'value']]);
  });

  it.each(['../passwd', '..', '/etc/passwd', '', '-x'])('is not left by the name %j', (name) => {
    const secrets = new Secrets(folder);
    expect(secrets.find(name)).toMatchObject({ cause: expect.stringContaining('names no secret') });
    expect([...secrets.files]).toEqual([]);
  });
});
