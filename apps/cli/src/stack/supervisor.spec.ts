import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { choosePorts } from './ports.js';
import { ProcessGuard } from './process-guard.js';
import type { PlannedProcess, Stage } from './stack-plan.js';
import { Supervisor, type StackChange } from './supervisor.js';

const LISTEN = `const { PORT, ORDER, NAME } = process.env;
const { appendFileSync } = require('node:fs');
const server = require('node:http').createServer((request, response) => response.end('ok'));
server.listen(Number(PORT), '127.0.0.1');
process.on('SIGTERM', () => { appendFileSync(ORDER, NAME + '\\n'); process.exit(0); });`;
const DEAF = `process.on('SIGTERM', () => undefined); ${LISTEN.split('\n').slice(0, 4).join('\n')}`;
const never = new AbortController().signal;

let folder: string;
let guard: ProcessGuard;
let changes: StackChange[];
let onChange: (change: StackChange) => void;
const supervisors: Supervisor[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  guard = new ProcessGuard();
  changes = [];
  onChange = () => undefined;
});
afterEach(async () => {
  for (const supervisor of supervisors.splice(0)) supervisor.kill();
  guard.close();
  await rm(folder, { recursive: true });
});

function supervisor(restart = true, restartPauseMs?: number): Supervisor {
  const created = new Supervisor({
    ...{ logFolder: folder, guard, restart, restartPauseMs },
    onChange: (change) => {
      changes.push(change);
      onChange(change);
    },
  });
  supervisors.push(created);
  return created;
}

async function planned(
  name: string,
  program = LISTEN,
  stage: Stage = 'work',
): Promise<PlannedProcess> {
  const { nats: port } = await choosePorts('free', { edges: 1, runtimes: 1, schedulers: 1 });
  return {
    name,
    stage,
    program: process.execPath,
    args: ['-e', program],
    environment: { PORT: String(port), NAME: name, ORDER: join(folder, 'order') },
    port,
    readyUrl: `http://127.0.0.1:${port}/health/ready`,
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function changed(change: StackChange['change']): Promise<StackChange> {
  return new Promise((resolve) => {
    onChange = (seen) => {
      if (seen.change === change) resolve(seen);
    };
  });
}

describe('processes that start', () => {
  it('are ready when they answer', async () => {
    const supervised = supervisor();
    const plans = [await planned('one'), await planned('two')];
    await supervised.start(plans, never);
    expect(Object.keys(supervised.pids())).toEqual(['one', 'two']);
    for (const { readyUrl = '' } of plans) expect((await fetch(readyUrl)).ok).toBe(true);
  });

  it('that end before are named, with the last lines of their log', async () => {
    const broken = await planned('broken', 'console.log("no disk"); process.exit(3)');
    await expect(supervisor().start([await planned('fine'), broken], never)).rejects.toThrow(
      /^broken ended with code 3\. Its last lines:\n {2}no disk$/,
    );
  });

  it('that are not there are named', async () => {
    const missing = { ...(await planned('missing')), program: '/nowhere/nats-server' };
    await expect(supervisor().start([missing], never)).rejects.toThrow(
      'missing could not be started: spawn /nowhere/nats-server ENOENT',
    );
  });

  it('are given up when their owner does not want them any more', async () => {
    const stopping = new AbortController();
    const silent = await planned('silent', 'setInterval(() => undefined, 1000)');
    const starting = supervisor().start([silent], stopping.signal);
    stopping.abort(new Error('enough'));
    await expect(starting).rejects.toThrow();
  });
});

describe('a process that ends by itself', () => {
  it('is started again, and both are told', async () => {
    const supervised = supervisor();
    await supervised.start([await planned('one')], never);
    const { one: before = 0 } = supervised.pids();
    const restarted = changed('restarted');
    process.kill(before, 'SIGKILL');
    const { pid } = await restarted;
    expect(changes[0]).toMatchObject({ process: 'one', detail: 'was ended by SIGKILL' });
    expect(pid).not.toBe(before);
    expect(supervised.pids()).toEqual({ one: pid });
  });

  it('is started again at once, however often it ends, where no pause is wanted', async () => {
    const supervised = supervisor(true, 1);
    await supervised.start([await planned('one')], never);
    for (let deaths = 0; deaths < 12; deaths += 1) {
      const restarted = changed('restarted');
      process.kill(supervised.pids()['one'] ?? 0, 'SIGKILL');
      await restarted;
    }
    expect(changes).toHaveLength(24);
  });

  it('stays dead when that is wanted', async () => {
    const [left, tended] = [supervisor(false), supervisor()];
    await left.start([await planned('left')], never);
    await tended.start([await planned('tended')], never);
    const ended = changed('ended');
    process.kill(left.pids()['left'] ?? 0, 'SIGKILL');
    await ended;
    // Ends later, and so would be started again later.
    const restarted = changed('restarted');
    process.kill(tended.pids()['tended'] ?? 0, 'SIGKILL');
    expect((await restarted).process).toBe('tended');
    expect(changes.map(({ process: name, change }) => [name, change])).toEqual([
      ['left', 'ended'],
      ['tended', 'ended'],
      ['tended', 'restarted'],
    ]);
  });

  it('takes with it what it had started', async () => {
    const pidFile = join(folder, 'child');
    const parent = `${LISTEN}
const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));`;
    const supervised = supervisor(false);
    await supervised.start([await planned('parent', parent)], never);
    const child = Number(await readFile(pidFile, 'utf8'));
    const ended = changed('ended');
    process.kill(supervised.pids()['parent'] ?? 0, 'SIGKILL');
    await ended;
    while (isAlive(child)) await new Promise((resolve) => setImmediate(resolve));
    expect(isAlive(child)).toBe(false);
  });
});

describe('a process whose socket is held', () => {
  const door = `const { createServer } = require('node:http');
createServer((request, response) => response.end(String(process.pid))).listen({ fd: Number(process.env.FD) });`;
  const heldBy = async () => {
    const plan = { ...(await planned('door', door, 'door')), socketVariable: 'FD' };
    return { plan, url: `http://127.0.0.1:${plan.port}` };
  };

  it('keeps nobody out while it is dead: who comes is answered by the next one', async () => {
    const supervised = supervisor();
    const { plan, url } = await heldBy();
    await supervised.start([plan], never);
    for (let deaths = 0; deaths < 2; deaths += 1) {
      const { door: pid = 0 } = supervised.pids();
      const ended = changed('ended');
      process.kill(pid, 'SIGKILL');
      await ended;
      const restarted = changed('restarted');
      const answer = await fetch(url).then((response) => response.text());
      expect(Number(answer)).toBe((await restarted).pid);
    }
  });

  it('is reached by nobody when it stays dead, or is stopped', async () => {
    const [left, stopped] = [supervisor(false), supervisor()];
    const doors = [await heldBy(), await heldBy()] as const;
    await left.start([doors[0].plan], never);
    await stopped.start([doors[1].plan], never);
    const ended = changed('ended');
    process.kill(left.pids()['door'] ?? 0, 'SIGKILL');
    await ended;
    await stopped.stop();
    for (const { url } of doors) await expect(fetch(url)).rejects.toThrow();
  });
});

describe('a stack that stops', () => {
  it('ends doors before workers and the store last, and restarts none of them', async () => {
    const supervised = supervisor();
    await supervised.start(
      [
        await planned('store', LISTEN, 'store'),
        await planned('worker', LISTEN, 'work'),
        await planned('door', LISTEN, 'door'),
      ],
      never,
    );
    await supervised.stop();
    expect(await readFile(join(folder, 'order'), 'utf8')).toBe('door\nworker\nstore\n');
    expect(changes).toEqual([]);
  });

  it('ends by force what does not end by itself', async () => {
    const supervised = supervisor();
    await supervised.start([await planned('deaf', DEAF, 'store')], never);
    const pid = supervised.pids()['deaf'] ?? 0;
    await supervised.stop();
    expect(isAlive(pid)).toBe(false);
  });
});

describe('a log', () => {
  it('of the run before is kept beside that of this one', async () => {
    for (const word of ['first', 'second']) {
      const supervised = supervisor();
      await supervised.start([await planned('one', `console.log("${word}"); ${LISTEN}`)], never);
      await supervised.stop();
    }
    expect(await readFile(join(folder, 'one.log'), 'utf8')).toContain('second');
    expect(await readFile(join(folder, 'one.previous.log'), 'utf8')).toContain('first');
    expect(existsSync(join(folder, 'two.log'))).toBe(false);
  });
});
