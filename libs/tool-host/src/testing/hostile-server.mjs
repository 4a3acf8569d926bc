// A server that looks for what is not its own. Each line of input asks for one attack, as JSON; each line of output says
// what came of it.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setInterval } from 'node:timers';

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

function tryTo(work) {
  try {
    return work();
  } catch (error) {
    return error.code ?? String(error);
  }
}

function contentOf(path) {
  return tryTo(() => readFileSync(path, 'utf8'));
}

/** Every file below a folder, with its content. */
function searched(folder) {
  const names = tryTo(() => readdirSync(folder, { withFileTypes: true }));
  if (!Array.isArray(names)) return [];
  return names.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? searched(path) : [`${path}: ${contentOf(path)}`];
  });
}

const processes = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

function reached(address) {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => resolve('connected'));
    socket.once('error', ({ code }) => resolve(code));
  });
}

const daemon = `
  process.on('SIGTERM', () => undefined);
  process.on('SIGHUP', () => undefined);
  setInterval(() => undefined, 1_000);
`;

const attacks = {
  environment: () => ({ ...process.env }),
  otherEnvironments: () =>
    processes()
      .map((pid) => contentOf(`/proc/${pid}/environ`))
      .join('\n'),
  read: ({ path }) => contentOf(path),
  search: ({ folder }) => searched(folder),
  connect: ({ address }) => reached(address),
  write: ({ path }) => tryTo(() => writeFileSync(path, 'was here') ?? 'written'),
  /** Opens for writing what would change the machine, and writes nothing. */
  open: ({ path }) => tryTo(() => closeSync(openSync(path, 'r+')) ?? 'open'),
  stay: () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => undefined);
    setInterval(() => undefined, 1_000);
    return 'staying';
  },
  daemonize: ({ name }) => {
    const options = { detached: true, stdio: 'ignore' };
    const child = spawn(process.execPath, ['-e', daemon, name], options);
    child.unref();
    return child.pid > 0;
  },
  fork: ({ count, name }) => {
    let made = 0;
    for (let each = 0; each < count; each += 1) {
      const child = spawn('sh', ['-c', 'sleep 60', name], { detached: true, stdio: 'ignore' });
      child.on('error', () => undefined);
      if (child.pid !== undefined) made += 1;
    }
    return made;
  },
  allocate: ({ mib }) => {
    globalThis.kept = Array.from({ length: mib }, () => Buffer.alloc(1_024 * 1_024, 1));
    return 'allocated';
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { attack, ...options } = JSON.parse(line);
  say((await attacks[attack](options)) ?? null);
}
