import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@skynet/testing';
import { HOSTILE } from './testing/hosts.js';
import { noSandbox } from './testing/no-sandbox.config.js';
import { processesWith, readOf } from './testing/processes.js';

const OWNER = fileURLToPath(new URL('testing/owner.mjs', import.meta.url));
const HOST = 'tool-host/dist/main.js';
const onLinux = process.platform === 'linux' ? describe.each : describe.skip.each;
const modes = ['none', ...(noSandbox === undefined ? ['required'] : [])];

let folder: string;
let owner: ChildProcess;
/** In the command lines of what the server leaves behind. */
let word: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-owner-'));
  word = folder.replaceAll('/', '-');
});
afterEach(() => {
  owner.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** An owner whose server ignores all signals and has a daemon. */
async function startOwner(sandbox: string): Promise<void> {
  const request = {
    ...{ name: word, command: process.execPath, args: [HOSTILE, word], env: {}, cwd: folder },
    ...{ sandbox, network: false, folders: [], hidden: [], maxAnswerBytes: 1_000 },
    limits: { processes: 64, memoryMib: 1_024 },
  };
  owner = spawn(process.execPath, [OWNER, JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: '/usr/bin:/bin',
      XDG_CACHE_HOME: folder,
      TMPDIR: folder,
      ANTHROPIC_API_KEY: 'canary',
    },
  });
  if (owner.stdout === null) throw new Error('no output');
  const lines = createInterface({ input: owner.stdout })[Symbol.asyncIterator]();
  // One answer for each attack.
  await lines.next();
  await lines.next();
}

/** The owner's host among all that run here. */
function hostOfOwner(): string[] {
  return processesWith(HOST).filter((pid) => readOf(pid, 'environ').includes(folder));
}

/** What host and servers have left where temporary files go. */
function temporaryFiles(): string[] {
  return readdirSync(folder).filter((name) => name !== 'skynet');
}

onLinux(modes)('a host whose owner has a server with sandbox "%s"', (sandbox) => {
  beforeEach(() => startOwner(sandbox));

  it('has no secret of its owner', () => {
    const [host = ''] = hostOfOwner();
    expect(readOf(host, 'environ')).toContain('PATH=/usr/bin:/bin');
    expect(readOf(host, 'environ')).not.toContain('canary');
  });

  it('is gone with the server when its owner is killed with -9', async () => {
    expect(hostOfOwner()).toHaveLength(1);
    owner.kill('SIGKILL');
    await eventually(async () => {
      expect(hostOfOwner()).toEqual([]);
      expect(processesWith(word)).toEqual([]);
      expect(temporaryFiles()).toEqual([]);
    });
  });

  it('is gone with the server when its owner ends in order', async () => {
    owner.kill('SIGTERM');
    await once(owner, 'exit');
    expect(hostOfOwner()).toEqual([]);
    expect(processesWith(word)).toEqual([]);
    expect(temporaryFiles()).toEqual([]);
  });
});

const inSandbox = noSandbox === undefined ? describe : describe.skip;

inSandbox('a host that is killed with -9 itself', () => {
  it('takes what runs in its sandboxes with it', async () => {
    await startOwner('required');
    process.kill(Number(hostOfOwner()[0]), 'SIGKILL');
    await eventually(async () => {
      expect(processesWith(word)).toEqual([String(owner.pid)]);
      expect(temporaryFiles()).toEqual([]);
    });
  });
});
