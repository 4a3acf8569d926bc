import { resolve } from 'node:path';
import type { LaunchRequest } from '@skynet/tool-host';
import type { ServerEntry } from '../../registry/registry.config.js';

export type StdioEntry = Extract<ServerEntry, { transport: 'stdio' }>;

export interface LaunchSetting {
  /** That relative paths start from. */
  readonly folder: string;
  /** What no server sees. */
  readonly hidden: readonly string[];
  /** Whose home the server has. */
  readonly holder?: LaunchRequest['holder'];
}

/** What a host is told of an entry. */
export function launchRequestOf(
  name: string,
  entry: StdioEntry,
  { folder, hidden, holder }: LaunchSetting,
): LaunchRequest {
  const { command, args, env, sandbox, network, folders, limits, maxAnswerBytes } = entry;
  return {
    name,
    holder,
    command,
    args,
    env,
    cwd: resolve(folder, entry.cwd ?? '.'),
    sandbox,
    network,
    folders: folders.map(({ path, writable }) => ({ path: resolve(folder, path), writable })),
    hidden: [...hidden],
    limits,
    maxAnswerBytes,
  };
}
