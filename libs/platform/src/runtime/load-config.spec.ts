import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigurationError, loadConfig, maskedConfig } from './load-config.js';
import { secretText } from './secret.js';

const schema = z.object({
  NATS_URL: z.url(),
  PORT: z.coerce.number().int().max(65_535).default(3_000),
  API_KEY: secretText(),
});
const complete = { NATS_URL: 'nats://localhost:4222', API_KEY: 'top secret' };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'load-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(schema, environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('is what the schema makes of the named variables, and can not be changed', () => {
    const config = loadConfig(schema, { ...complete, PORT: '8080', OTHER: 'x' });
    expect(config).toMatchObject({ NATS_URL: 'nats://localhost:4222', PORT: 8_080 });
    expect(Object.keys(config)).toEqual(['NATS_URL', 'PORT', 'API_KEY']);
    expect(() => Object.assign(config, { PORT: 1 })).toThrow(TypeError);
  });

  it.each(['', '  ', '\n'])('takes a variable that is %j for unset', (nothing) => {
    expect(loadConfig(schema, { ...complete, PORT: nothing, PORT_FILE: nothing }).PORT).toBe(3_000);
    expect(problemsOf({ ...complete, API_KEY: nothing })).toHaveLength(1);
  });

  it('names everything that is wrong at once, and no value', () => {
    const problems = problemsOf({ NATS_URL: 'hunter2', PORT: '70000' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'NATS_URL',
      'PORT',
      'API_KEY',
    ]);
    const error = new ConfigurationError(problems);
    expect(error.message).toContain('API_KEY');
    expect(error.message).not.toContain('hunter2');
  });
});

describe('a variable whose value stands in a file', () => {
  it('is read from there', () => {
    const file = join(folder, 'key');
    writeFileSync(file, 'from a file\n');
    const config = loadConfig(schema, { NATS_URL: complete.NATS_URL, API_KEY_FILE: file });
    expect(config.API_KEY.reveal()).toBe('from a file');
  });

  it('is a mistake when it is set directly too, or when the file is missing', () => {
    const { NATS_URL } = complete;
    const file = join(folder, 'missing');
    expect(problemsOf({ NATS_URL, API_KEY_FILE: file })).toEqual(['API_KEY_FILE: cannot be read']);
    expect(problemsOf({ ...complete, API_KEY_FILE: file, PORT: 'x' })).toMatchObject([
      'API_KEY: set it or API_KEY_FILE, not both',
      expect.stringMatching(/^PORT: /),
    ]);
  });
});

describe('a secret', () => {
  it('shows itself only when revealed', () => {
    const { API_KEY: secret } = loadConfig(schema, complete);
    expect(secret.reveal()).toBe('top secret');
    const shown = [JSON.stringify({ secret }), inspect({ secret }), String(secret)];
    for (const text of shown) {
      expect(text).toContain('***');
      expect(text).not.toContain('top secret');
    }
  });

  it('is hidden in a printed configuration, also inside of a URL', () => {
    const config = loadConfig(schema, { ...complete, NATS_URL: 'nats://user:pass@host:4222/x' });
    expect(maskedConfig(config)).toEqual({
      NATS_URL: 'nats://***@host:4222/x',
      PORT: 3_000,
      API_KEY: '***',
    });
  });
});
