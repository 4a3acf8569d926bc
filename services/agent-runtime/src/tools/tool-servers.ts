import { hashOf, type Clock, type Logger } from '@skynet/platform';
import { OwnToolHost, RemoteToolHost, type HostAddress } from '@skynet/tool-host';
import type { Registry, ServerEntry } from '../registry/registry.config.js';
import type { RegistrySource } from '../registry/registry-source.js';
import { KnownSecrets } from '../secrets/known-secrets.js';
import { HeldServer } from './held-server.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';
import { ToolBox } from './tool-box.js';
import type { ToolServer } from './tool-server.port.js';

/** Makes the server of an entry; `folder` is the registry's. */
export type OpenServer = (name: string, entry: ServerEntry, folder: string) => ToolServer;

/** Every tool server of the registry as it is now; none is contacted before its first use. */
export class ToolServers {
  private readonly held = new Map<string, HeldServer>();
  private opened = 0;

  constructor(
    source: Pick<RegistrySource, 'current' | 'onChange'>,
    private readonly open: OpenServer,
    private readonly secrets = new KnownSecrets(),
  ) {
    this.update(source.current);
    source.onChange((registry) => this.update(registry));
  }

  get(name: string): ToolServer | undefined {
    return this.held.get(name);
  }

  values(): Iterable<ToolServer> {
    return this.held.values();
  }

  /** A server that is gone from the registry, or stands there with other settings, ends with its last call. */
  private update({ servers, folder }: Registry): void {
    for (const [name, held] of [...this.held]) {
      const entry = Object.hasOwn(servers, name) ? servers[name] : undefined;
      if (entry !== undefined && hashOf(entry) === held.settings) continue;
      this.held.delete(name);
      held.retire();
    }
    for (const [name, entry] of Object.entries(servers)) {
      if (this.held.has(name)) continue;
      this.opened += 1;
      const server = this.open(name, entry, folder);
      this.held.set(
        name,
        new HeldServer(server, {
          settings: hashOf(entry),
          number: this.opened,
          secrets: this.secrets,
        }),
      );
    }
  }
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
}

/** The tool servers of the registry, followed through its changes. */
export function createToolBox(registry: RegistrySource, options: ToolServersOptions): ToolBox {
  const { hostAddress, environment, clock, log } = options;
  const hosts =
    hostAddress === undefined ? new OwnToolHost(environment) : new RemoteToolHost(hostAddress);
  const servers = new ToolServers(
    registry,
    (name, entry, folder) => new McpToolServer(name, { ...options, entry, folder, hosts }),
    options.secrets,
  );
  return new ToolBox(registry, servers, { clock, log, closeHosts: () => hosts.close() });
}
