import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const FILE_NAME = 'redis-server';
const FETCHED_BY_BOOTSTRAP = join(import.meta.dirname, '../../../../.cache/redis-server');
const SYSTEM_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * The redis-server to run: SKYNET_REDIS_SERVER, else the machine's, else what bootstrap fetched; undefined when there is
 * none, as on a machine without apt or brew.
 */
export function redisServerBinary(): string | undefined {
  const named = process.env['SKYNET_REDIS_SERVER'];
  if (named) return named;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return [...folders, FETCHED_BY_BOOTSTRAP]
    .filter(Boolean)
    .map((folder) => join(folder, FILE_NAME))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
