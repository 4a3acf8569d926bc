import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Environment } from './host/server-environment.js';
import { parseHostAddress, type HostAddress } from './protocol/host-address.js';

/** All variables that a host reads. */
export const toolHostEnvironment = z.object({
  /** Where it listens: `unix:/run/tools.sock` or `tcp://0.0.0.0:7514`. */
  TOOL_HOST_LISTEN: z
    .string()
    .refine(
      (text) => parseHostAddress(text) !== undefined,
      'is neither unix:/path nor tcp://host:port',
    ),
  /** `container`: this container holds nothing but tool servers, and is their sandbox. */
  TOOL_HOST_SANDBOX: z.enum(['bubblewrap', 'container']).default('bubblewrap'),
  /** Folder of the private folders of servers. Default: skynet/tools in the user's cache. */
  TOOL_HOST_HOMES: z.string().optional(),
  /** Folder of their temporary files, deleted with the host. Default: a new one. */
  TOOL_HOST_SCRATCH: z.string().optional(),
  XDG_CACHE_HOME: z.string().optional(),
});

export interface ToolHostConfig {
  readonly listen: HostAddress;
  readonly sandbox: 'bubblewrap' | 'container';
  readonly homes: string;
  readonly scratch?: string;
  readonly userHome: string;
  readonly environment: Environment;
}

/** @throws Error that names every wrong variable */
export function readToolHostConfig(environment: Environment = process.env): ToolHostConfig {
  const read = toolHostEnvironment.safeParse(environment);
  if (!read.success) throw new Error(z.prettifyError(read.error));
  const {
    TOOL_HOST_LISTEN: listen,
    TOOL_HOST_SANDBOX: sandbox,
    TOOL_HOST_HOMES: homes,
  } = read.data;
  const address = parseHostAddress(listen);
  if (address === undefined) throw new Error('TOOL_HOST_LISTEN can not be read');
  const cache = read.data.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return {
    listen: address,
    sandbox,
    homes: homes ?? join(cache, 'skynet/tools'),
    scratch: read.data.TOOL_HOST_SCRATCH,
    userHome: homedir(),
    environment,
  };
}
