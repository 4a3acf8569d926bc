import { hashOf, type Clock, type Logger } from '@skynet/platform';
import {
  OwnToolHost,
  RemoteToolHost,
  type HostAddress,
  type LaunchRequest,
} from '@skynet/tool-host';
import type { Registry, ServerEntry } from '../../registry/registry.config.js';
import type { RegistrySource } from '../../registry/registry-source.js';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import type { ServerLogins } from '../logins/server-logins.js';
import { McpToolServer } from '../mcp/mcp-tool-server.adapter.js';
import type { PinBook } from '../pins/pin-book.js';
import { PinnedServer, waitingAt } from '../pins/pinned-server.js';
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

export interface ToolServersMeans {
  readonly open: OpenServer;
  readonly clock: Clock;
  /** Cut out of what servers say. Default: none. */
  readonly secrets?: KnownSecrets;
  /** Default: nothing that a server tells is held back. */
  readonly pins?: Pick<PinBook, 'last' | 'onChange'>;
}

/** Every tool server of the registry as it is now; none is contacted before its first use. */
export class ToolServers implements ServersForUsers {
  private readonly held = new Map<string, { server: IsolatedServer; settings: string }>();
  private opened = 0;

  constructor(
    source: Pick<RegistrySource, 'current' | 'onChange'>,
    private readonly means: ToolServersMeans,
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
      const { open, clock, pins, secrets = new KnownSecrets() } = this.means;
      const server = new IsolatedServer(name, entry, {
        clock,
        secrets,
        open: (holder) => open(name, { entry, folder, holder }),
        nextNumber: () => (this.opened += 1),
        ...(pins !== undefined && {
          waiting: () => (entry.trusted ? [] : waitingAt(name, pins)),
          onOffersChanged: (listener) => pins.onChange(name, listener),
        }),
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
  /** Cut out of what servers say. */
  readonly secrets: KnownSecrets;
  /** How the tools of servers were defined. It is opened here, and closed with the tool box. */
  readonly pins: PinBook;
  /** Of people, to servers over HTTP. */
  readonly logins: ServerLogins;
}

/** The tool servers of the registry, followed through its changes. */
export function createToolBox(registry: RegistrySource, options: ToolServersOptions): ToolBox {
  const { hostAddress, environment, clock, log, pins, logins, secrets } = options;
  const hosts =
    hostAddress === undefined ? new OwnToolHost(environment) : new RemoteToolHost(hostAddress);
  const open: OpenServer = (name, opened) => {
    const server = new McpToolServer(name, { ...options, ...opened, hosts });
    return new PinnedServer(server, { book: pins, isTrusted: opened.entry.trusted, clock, log });
  };
  void pins.open();
  const closeRest = async () => {
    await hosts.close();
    await pins.close();
  };
  const servers = new ToolServers(registry, { open, clock, pins, secrets });
  return new ToolBox(registry, servers, { clock, log, logins, closeRest });
}
