import type { Clock, Logger } from '@skynet/platform';
import { OwnToolHost, RemoteToolHost, type HostAddress } from '@skynet/tool-host';
import type { Registry } from '../registry/registry.config.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';
import { ToolBox } from './tool-box.js';

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

/** Every tool server of the registry; none is contacted before its first use. */
export function createToolBox(registry: Registry, options: ToolServersOptions): ToolBox {
  const { hostAddress, environment, clock, log } = options;
  const { folder, servers } = registry;
  const hosts =
    hostAddress === undefined ? new OwnToolHost(environment) : new RemoteToolHost(hostAddress);
  const connected = Object.entries(servers).map(
    ([name, entry]) =>
      [name, new McpToolServer(name, { ...options, entry, folder, hosts })] as const,
  );
  return new ToolBox(registry, new Map(connected), { clock, log, closeHosts: () => hosts.close() });
}
