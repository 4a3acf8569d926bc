import { resolve } from 'node:path';
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
const skynet = (...words) => ({
  needs: ['nats-server', 'build'],
  work: (env, args) =>
    run('node', ['apps/cli/dist/main.js', ...words, ...args], { cwd: root, env }),
});
const chaos = {
  needs: ['nats-server', 'build'],
  work: (env, args) => run('node', ['apps/chaos/dist/main.js', ...args], { cwd: root, env }),
};
const program = (name, ...words) => ({
  needs: [],
  work: (env, args) => run(name, [...words, ...args], { cwd: root, env }),
});
const checks = (quick) => ({
  needs: ['nats-server', 'redis-server', ...(quick ? [] : ['chromium'])],
  work: (env, args) => verify(root, env, { quick, args }),
});

const tasks = {
  start: skynet('up'),
  demo: skynet('demo'),
  'bench:tree': skynet('bench', 'tree'),
  chaos,
  skynet: skynet(),
  test: checks(false),
  'test:quick': checks(true),
  build: { needs: ['build'], work: () => 0 },
  lint: program('eslint', '--max-warnings=0', '.'),
  format: program('prettier', '--write', '.'),
  typecheck: program('tsc', '-p', 'tsconfig.check.json'),
};

async function main([name = 'start', ...args]) {
  const task = tasks[name === 'up' ? 'start' : name];
  if (!task) {
    throw new Trouble(`There is no task "${name}".`, `Tasks: ${Object.keys(tasks).join(', ')}.`);
  }
  await installDependencies(root);
  const env = environmentWithNode(root);
  if (task.needs.includes('nats-server')) env.SKYNET_NATS_SERVER = await findNatsServer(root);
  if (task.needs.includes('redis-server')) {
    env.SKYNET_REDIS_SERVER = (await findRedisServer(root)) ?? '';
  }
  if (task.needs.includes('chromium')) env.SKYNET_CHROMIUM = (await findChromium()) ?? '';
  if (task.needs.includes('build')) await build(root, env);
  return task.work(env, args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Trouble)) throw error;
  say(`\n${error.message}\n${error.whatToDo}`);
  process.exitCode = error.exitCode;
}
