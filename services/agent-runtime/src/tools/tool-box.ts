import { WorldError, type Logger } from '@skynet/platform';
import type { RecoveryPolicy } from '@skynet/domain-agents';
import type { ModelTool } from '../models/model.port.js';
import type { Registry } from '../registry/registry.config.js';
import type { ToolCallRequest, ToolResult, ToolServer } from './tool-server.port.js';

export interface OfferedTool {
  /** Named `server__tool`. */
  readonly tool: ModelTool;
  readonly recovery: RecoveryPolicy;
}

/** All tool servers of the registry under one roof; names are `server__tool`. */
export class ToolBox {
  constructor(
    private readonly registry: Registry,
    private readonly servers: ReadonlyMap<string, ToolServer>,
    private readonly log: Pick<Logger, 'warn'>,
    private readonly closeHosts: () => Promise<void> = async () => undefined,
  ) {}

  /** Tools of the servers that the grants name; a server that can't be reached offers none for now. */
  async list(grants: readonly string[]): Promise<OfferedTool[]> {
    const names = [...new Set(grants.map((grant) => splitName(grant).server))];
    const lists = await Promise.all(names.map((name) => this.listServer(name)));
    return lists.flat();
  }

  /**
   * Calls `server__tool` once.
   *
   * @throws WorldError as `ToolServer.call`
   */
  async call(
    name: string,
    request: Omit<ToolCallRequest, 'tool' | 'timeoutMs'>,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { server, tool } = splitName(name);
    const found = this.servers.get(server);
    if (found === undefined) throw new WorldError(`no tool server ${server}`, 'later');
    return found.call({ ...request, tool, timeoutMs: this.timeoutMsOf(server, tool) }, signal);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.servers.values()].map((server) => server.close()));
    await this.closeHosts();
  }

  private async listServer(name: string): Promise<OfferedTool[]> {
    const tools = await this.servers
      .get(name)
      ?.list()
      .catch((error: unknown) => {
        this.log.warn('a tool server offers nothing for now', { server: name, error });
        return [];
      });
    return (tools ?? []).map((tool) => ({
      tool: { ...tool, name: `${name}__${tool.name}` },
      recovery: this.recoveryOf(name, tool.name),
    }));
  }

  private recoveryOf(server: string, tool: string): RecoveryPolicy {
    const entry = this.registry.servers[server];
    return entry?.tools[tool]?.recovery ?? entry?.recovery ?? 'ask';
  }

  private timeoutMsOf(server: string, tool: string): number {
    const entry = this.registry.servers[server];
    return (entry?.tools[tool]?.timeoutSeconds ?? entry?.timeoutSeconds ?? 60) * 1_000;
  }
}

function splitName(name: string): { server: string; tool: string } {
  const at = name.indexOf('__');
  return { server: name.slice(0, at), tool: name.slice(at + 2) };
}
