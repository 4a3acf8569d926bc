import type { Clock, Logger } from '@skynet/platform';
import type { Registry } from '../registry/registry.config.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';
import { ToolBox } from './tool-box.js';

/** Every tool server of the registry; none is contacted before its first use. */
export function createToolBox(registry: Registry, clock: Clock, log: Logger): ToolBox {
  const { folder, servers } = registry;
  const connected = Object.entries(servers).map(
    ([name, entry]) => [name, new McpToolServer(name, { entry, folder, clock, log })] as const,
  );
  return new ToolBox(registry, new Map(connected), clock, log);
}
