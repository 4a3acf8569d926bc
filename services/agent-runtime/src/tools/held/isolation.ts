import type { LaunchRequest } from '@skynet/tool-host';
import type { ServerEntry } from '../../registry/registry.config.js';
import type { ToolUser } from '../tool-server.port.js';

type Isolation = ServerEntry['isolation'];

/** By which name one process, or connection, of a server is held; undefined when the user is not known so exactly. */
export function holderOf(isolation: Isolation, user: ToolUser | undefined): string | undefined {
  if (isolation === 'shared') return 'all';
  if (user === undefined) return undefined;
  const { tenant, rootId, agentId } = user;
  if (isolation === 'tenant') return `tenant:${tenant}`;
  const id = isolation === 'tree' ? rootId : agentId;
  return id === undefined ? undefined : `${isolation}:${id}`;
}

/** Whose home the process of a server has. */
export function homeOf(isolation: Isolation, user: ToolUser | undefined): LaunchRequest['holder'] {
  if (isolation === 'shared' || user === undefined) return undefined;
  return { tenant: user.tenant, keepsHome: isolation === 'tenant' };
}

const IDLE_SECONDS = 900;

/** After so long without a call a process is ended; undefined: never. */
export function idleMsOf({ isolation, idleSeconds }: ServerEntry): number | undefined {
  const seconds = idleSeconds ?? (isolation === 'shared' ? undefined : IDLE_SECONDS);
  return seconds === undefined ? undefined : seconds * 1_000;
}
