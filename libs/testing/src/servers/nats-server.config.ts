import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const FILE_NAME = 'nats-server';
// What `npm test` fetches is the newest; it names it in SKYNET_NATS_SERVER, but Jest may run without it.
const FETCHED_BY_BOOTSTRAP = join(import.meta.dirname, '../../../../.cache/nats-server', FILE_NAME);
// Debian installs servers where a user's PATH does not look.
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** The nats-server to run: SKYNET_NATS_SERVER, else what bootstrap fetched, else the machine's. */
export function natsServerBinary(): string {
  const named = process.env['SKYNET_NATS_SERVER'];
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  const onMachine = folders.filter(Boolean).map((folder) => join(folder, FILE_NAME));
  const found = (named ? [named] : [FETCHED_BY_BOOTSTRAP, ...onMachine]).find(isExecutable);
  if (found === undefined) {
    throw new Error(
      named
        ? `SKYNET_NATS_SERVER names "${named}", which is not an executable file`
        : 'no nats-server found; `npm run test:quick` fetches one, or set SKYNET_NATS_SERVER',
    );
  }
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The environment of this process, for processes that it starts. */
export function inherited(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
