import { resolve } from 'node:path';
import type { LaunchRequest } from '@skynet/tool-host';
import type { ServerEntry } from '../registry/registry.config.js';

export type StdioEntry = Extract<ServerEntry, { transport: 'stdio' }>;

/** What a host is told of an entry. `folder`: that relative paths start from; `hidden`: what no server sees. */
export function launchRequestOf(
  name: string,
  entry: StdioEntry,
  { folder, hidden }: { readonly folder: string; readonly hidden: readonly string[] },
): LaunchRequest {
  const { command, args, env, sandbox, network, folders, limits, maxAnswerBytes } = entry;
  return {
    name,
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
