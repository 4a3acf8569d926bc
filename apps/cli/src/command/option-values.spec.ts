import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as values from './option-values.js';

describe('limits on the command line', () => {
  it('add up over several options', () => {
    const one = values.addLimit('tokens=1000');
    expect(values.addLimit('seconds=0', one)).toEqual({ tokens: 1_000, seconds: 0 });
  });

  it.each(['tokens', 'tokens=', 'tokens=-1', 'tokens=1.5', 'tokens=1=2', 'money=1', '=1', ''])(
    'refuse %j',
    (text) => {
      expect(() => values.addLimit(text)).toThrow(/expected name=amount|the amount must be/);
    },
  );
});

describe('arguments of a template on the command line', () => {
  it('are given one by one, with all that stands behind the first =', () => {
    const one = values.addArgument('topic=a = b');
    expect(values.addArgument('lines=', one)).toEqual({ topic: 'a = b', lines: '' });
  });

  it.each(['topic', '=x', ''])('refuse %j', (text) => {
    expect(() => values.addArgument(text)).toThrow('expected name=text');
  });
});

describe('what an agent gets more of, on the command line', () => {
  it('adds up over several options', () => {
    const one = values.addMore('tokens=1000');
    expect(values.addMore('seconds=5', one)).toEqual({ tokens: 1_000, seconds: 5 });
  });

  it.each(['tokens', 'tokens=0', 'tokens=-1', 'tokens=1=2', 'depth=1', ''])('is not %j', (text) => {
    expect(() => values.addMore(text)).toThrow(/expected name=amount|the amount must be/);
  });
});

describe('grants on the command line', () => {
  it('are separated by commas, and add up over several options', () => {
    expect(values.addGrants('c__d', values.addGrants('a__*, b__c,'))).toEqual([
      'a__*',
      'b__c',
      'c__d',
    ]);
  });
});

describe('numbers on the command line', () => {
  it('are taken as they are meant', () => {
    expect(values.count('12')).toBe(12);
    expect(values.portNumber('7510')).toBe(7_510);
    expect(values.priority('9')).toBe(9);
    expect(values.duration('0.5')).toBe(0.5);
  });

  it.each(['0', '-1', '1.5', 'many', ''])('count refuses %j', (text) => {
    expect(() => values.count(text)).toThrow('1 or more');
  });

  it.each(['0', '65536', 'http', ''])('port refuses %j', (text) => {
    expect(() => values.portNumber(text)).toThrow('1 to 65535');
  });

  it.each(['10', '-1', 'high', ''])('priority refuses %j', (text) => {
    expect(() => values.priority(text)).toThrow('0 to 9');
  });

  it.each(['-1', 'soon', '', 'Infinity'])('duration refuses %j', (text) => {
    expect(() => values.duration(text)).toThrow('seconds');
  });
});

describe('a schema on the command line', () => {
  it('is JSON, or the file that holds it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'schema-'));
    const file = join(folder, 'stars.json');
    writeFileSync(file, '{"type":"array"}');
    expect(values.outputSchema(file)).toEqual({ type: 'array' });
    rmSync(folder, { recursive: true });
    expect(values.outputSchema(' {"type":"object"}')).toEqual({ type: 'object' });
  });

  it.each(['{"type"', 'no-such-file.json', '{}x'])('refuses %j', (text) => {
    expect(() => values.outputSchema(text)).toThrow('expected a JSON Schema');
  });
});

describe('a status on the command line', () => {
  it('is one that agents have', () => {
    expect(values.status('paused')).toBe('paused');
    expect(() => values.status('done')).toThrow('completed');
  });
});
