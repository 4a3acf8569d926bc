import { readToolHostConfig } from './tool-host.config.js';
import { startToolHost } from './start-tool-host.js';

const config = readToolHostConfig();
const host = await startToolHost(config);

let isEnding = false;
async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await host.close();
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
// Its owner holds the other end, and is gone when that is, however it went.
if (process.argv.includes('--until-stdin-ends'))
  process.stdin.resume().once('end', () => void end());
// Last: whoever reads it may end this process at once.
process.stdout.write('listening\n');
