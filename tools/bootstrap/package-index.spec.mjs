import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetchFromIndex } from './package-index.mjs';

const pin = {
  name: 'thing',
  requirement: 'thing==1.0',
  tag: 'any',
  file: 'thing-1.0.whl',
  sha256: 'ab',
};
const NOT_THERE = { code: 127, output: '' };

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Programs by name; the others are not on this machine. */
function running(programs) {
  const calls = [];
  const run = (program, args) => {
    if (!(program in programs)) return NOT_THERE;
    calls.push([program, ...args].join(' '));
    return args.includes('--version') ? { code: 0, output: '' } : programs[program](args);
  };
  return { run, calls };
}

const page = (link) =>
  new Response(`<a href="https://files.invalid/other.whl">o</a> <a href="${link}">x</a>`);

describe('a wheel', () => {
  it('comes through pip, which knows the index of this machine', async () => {
    const { run, calls } = running({
      pip: (args) => {
        writeFileSync(join(args[args.indexOf('--dest') + 1], pin.file), 'wheel');
        return { code: 0, output: '' };
      },
    });
    const { wheel } = await fetchFromIndex(pin, folder, { run });
    expect(readFileSync(wheel, 'utf8')).toBe('wheel');
    expect(calls[1]).toContain('pip download --no-deps --only-binary=:all:');
    expect(calls[1]).toMatch(/--platform=any .*thing==1\.0$/);
  });

  it('comes through uv with its hash where there is no pip', async () => {
    const { run, calls } = running({ uv: () => ({ code: 1, output: 'hash mismatch' }) });
    const get = async () => new Response('', { status: 404 });
    const { reason } = await fetchFromIndex(pin, folder, { run, get });
    expect(calls[1]).toContain('--require-hashes');
    expect(readFileSync(join(folder, 'requirements.txt'), 'utf8')).toBe(
      'thing==1.0 --hash=sha256:ab\n',
    );
    expect(reason).toBe('uv: hash mismatch; the index: it answers 404');
  });

  it('comes from the index itself where there is neither', async () => {
    const asked = [];
    const get = async (url) => {
      asked.push(url.href);
      return asked.length === 1
        ? page('../../files/thing-1.0.whl#sha256=ab')
        : new Response('wheel');
    };
    const { wheel } = await fetchFromIndex(pin, folder, { run: () => NOT_THERE, get });
    expect(readFileSync(wheel, 'utf8')).toBe('wheel');
    expect(asked[0]).toMatch(/\/thing\/$/);
    expect(asked[1]).toMatch(/\/files\/thing-1\.0\.whl$/);
  });
});

describe('a wheel that does not come', () => {
  it('is asked for once when pip says that the network is away', async () => {
    const { run } = running({
      pip: () => ({ code: 1, output: 'Temporary failure in name resolution' }),
    });
    const get = () => {
      throw new Error('asked all the same');
    };
    const { reason } = await fetchFromIndex(pin, folder, { run, get });
    expect(reason).toBe('pip: the index is not reached');
  });

  it('is told with what each way said', async () => {
    const { run } = running({ pip: () => ({ code: 1, output: 'a\nNo matching distribution' }) });
    const get = async () => page('thing-0.9.whl');
    const { reason } = await fetchFromIndex(pin, folder, { run, get });
    expect(reason).toBe('pip: No matching distribution; thing: the index has no thing-1.0.whl');
    expect(existsSync(join(folder, pin.file))).toBe(false);
  });
});
