import { silentLogger, type Clock } from '@skynet/platform';
import type { RegistrySource } from '../registry/registry-source.js';
import type { PinBook } from '../tools/pins/pin-book.js';
import { PinnedServer } from '../tools/pins/pinned-server.js';
import type { ServersForUsers } from '../tools/tool-box.js';
import type { ToolServer, ToolUser } from '../tools/tool-server.port.js';

/** One server for all users, as a runtime has it: behind the pins of its tools, and with notes of who gives it back. */
export function pinnedServers(
  server: ToolServer,
  book: PinBook,
  world: {
    readonly clock: Clock;
    readonly registry: RegistrySource;
    readonly released: string[];
  },
): ServersForUsers {
  const { clock, registry, released } = world;
  const isTrusted = registry.current.servers[server.name]?.trusted ?? false;
  const pinned = new PinnedServer(server, { book, isTrusted, clock, log: silentLogger });
  return Object.assign(new Map([[server.name, pinned]]), {
    release: ({ agentId, rootId }: ToolUser, isTreeOver: () => boolean) => {
      released.push(`${agentId}`, ...(isTreeOver() ? [`tree ${rootId}`] : []));
    },
  });
}
