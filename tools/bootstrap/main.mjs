import { resolve } from 'node:path';
import { provideBubblewrap } from './bubblewrap.mjs';
import { build } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { installDependencies } from './dependencies.mjs';
import { findNatsServer } from './nats-server.mjs';
import { environmentWithNode } from './node-runtime.mjs';
import { run, say } from './processes.mjs';
import { findRedisServer } from './redis-server.mjs';
import { Trouble } from './trouble.mjs';
import { verify } from './verify.mjs';

const root = resolve(import.meta.dirname, '../..');
const STACK = ['nats-server', 'bubblewrap', 'build'];
const skynet = (...words) => ({
  needs: STACK,
  work: (env, args) =>
    run('node', ['apps/cli/dist/main.js', ...words, ...args], { cwd: root, env }),
});
const chaos = {
  needs: STACK,
  work: (env, args) => run('node', ['apps/chaos/dist/main.js', ...args], { cwd: root, env }),
};
const sim = {
  needs: ['build'],
  work: (env, args) => run('node', ['apps/sim/dist/main.js', ...args], { cwd: root, env }),
};
const program = (name, ...words) => ({
  needs: [],
  work: (env, args) => run(name, [...words, ...args], { cwd: root, env }),
});
const checks = (quick) => ({
  needs: ['nats-server', 'bubblewrap', 'redis-server', ...(quick ? [] : ['chromium'])],
  work: (env, args) => verify(root, env, { quick, args }),
});

const tasks = {
  start: skynet('up'),
  demo: skynet('demo'),
  bench: { ...skynet('bench', 'peers'), needs: [...STACK, 'redis-server'] },
  'bench:tree': skynet('bench', 'tree'),
  chaos,
  sim,
  skynet: skynet(),
  test: checks(false),
  'test:quick': checks(true),
  build: { needs: ['build'], work: () => 0 },
  lint: program('eslint', '--max-warnings=0', '.'),
  format: program('prettier', '--write', '.'),
  typecheck: program('tsc', '-p', 'tsconfig.check.json'),
};

/** What tasks need, in the order in which it is made ready. */
const needs = {
  'nats-server': async (env) => {
    env.SKYNET_NATS_SERVER = await findNatsServer(root);
  },
  bubblewrap: () => provideBubblewrap(root),
  'redis-server': async (env) => {
    env.SKYNET_REDIS_SERVER = (await findRedisServer(root)) ?? '';
  },
  chromium: async (env) => {
    env.SKYNET_CHROMIUM = (await findChromium()) ?? '';
  },
  build: (env) => build(root, env),
};

async function main([name = 'start', ...args]) {
  const task = tasks[name === 'up' ? 'start' : name];
  if (!task) {
    throw new Trouble(`There is no task "${name}".`, `Tasks: ${Object.keys(tasks).join(', ')}.`);
  }
  await installDependencies(root);
  const env = environmentWithNode(root);
  for (const [name, provide] of Object.entries(needs)) {
    if (task.needs.includes(name)) await provide(env);
  }
  return task.work(env, args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Trouble)) throw error;
  say(`\n${error.message}\n${error.whatToDo}`);
  process.exitCode = error.exitCode;
}
