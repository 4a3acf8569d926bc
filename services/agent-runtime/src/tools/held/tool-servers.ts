import { hashOf, type Clock, type Logger } from '@skynet/platform';
import {
  OwnToolHost,
  RemoteToolHost,
  type HostAddress,
  type LaunchRequest,
} from '@skynet/tool-host';
import type { Registry, ServerEntry } from '../../registry/registry.config.js';
import type { RegistrySource } from '../../registry/registry-source.js';
import { McpToolServer } from '../mcp-tool-server.adapter.js';
import { ToolBox, type ServersForUsers } from '../tool-box.js';
import type { ToolServer, ToolUser } from '../tool-server.port.js';
import { IsolatedServer } from './isolated-server.js';

export interface OpenedServer {
  readonly entry: ServerEntry;
  /** The registry's. */
  readonly folder: string;
  /** Whose files a process finds. */
  readonly holder: LaunchRequest['holder'];
}

/** Makes a process, or connection, of an entry. */
export type OpenServer = (name: string, opened: OpenedServer) => ToolServer;

/** Every tool server of the registry as it is now; none is contacted before its first use. */
export class ToolServers implements ServersForUsers {
  private readonly held = new Map<string, { server: IsolatedServer; settings: string }>();
  private opened = 0;

  constructor(
    source: Pick<RegistrySource, 'current' | 'onChange'>,
    private readonly open: OpenServer,
    private readonly clock: Clock,
  ) {
    this.update(source.current);
    source.onChange((registry) => this.update(registry));
  }

  get(name: string, user?: ToolUser): ToolServer | undefined {
    return this.held.get(name)?.server.for(user);
  }

  values(): Iterable<ToolServer> {
    return [...this.held.values()].map(({ server }) => server.for(undefined));
  }

  release(user: ToolUser, isTreeOver: () => boolean): void {
    for (const { server } of this.held.values()) server.release(user, isTreeOver);
  }

  /** A server that is gone from the registry, or stands there with other settings, ends with its last call. */
  private update({ servers, folder }: Registry): void {
    for (const [name, { server, settings }] of [...this.held]) {
      const entry = Object.hasOwn(servers, name) ? servers[name] : undefined;
      if (entry !== undefined && settingsOf(entry) === settings) continue;
      this.held.delete(name);
      server.retire();
    }
    for (const [name, entry] of Object.entries(servers)) {
      if (this.held.has(name)) continue;
      const server = new IsolatedServer(name, entry, {
        clock: this.clock,
        open: (holder) => this.open(name, { entry, folder, holder }),
        nextNumber: () => (this.opened += 1),
      });
      this.held.set(name, { server, settings: settingsOf(entry) });
    }
  }
}

/** Who may use a server is looked up with each call, and changes nothing of its processes. */
function settingsOf({ tenants: _tenants, ...entry }: ServerEntry): string {
  return hashOf(entry);
}

export interface ToolServersOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Where stdio servers are started. Default: a process of our own, without our secrets. */
  readonly hostAddress?: HostAddress;
  /** Of this process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Files and folders that no stdio server sees. */
  readonly hidden: readonly string[];
}

/** The tool servers of the registry, followed through its changes. */
export function createToolBox(registry: RegistrySource, options: ToolServersOptions): ToolBox {
  const { hostAddress, environment, clock, log } = options;
  const hosts =
    hostAddress === undefined ? new OwnToolHost(environment) : new RemoteToolHost(hostAddress);
  const servers = new ToolServers(
    registry,
    (name, opened) => new McpToolServer(name, { ...options, ...opened, hosts }),
    clock,
  );
  return new ToolBox(registry, servers, { clock, log, closeHosts: () => hosts.close() });
}
