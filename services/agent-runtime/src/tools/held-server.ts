import { WorldError } from '@skynet/platform';
import type { KnownSecrets } from '../secrets/known-secrets.js';
import type {
  ToolCallRequest,
  ToolList,
  ToolResult,
  ToolServer,
  ToolServerState,
} from './tool-server.port.js';

/** Lists of a server of an earlier registry never have the version of one that took its place. */
const VERSIONS_OF_ONE = 1_000_000_000;

export interface HeldMeans {
  /** Hash of its entry. */
  readonly settings: string;
  /** Another one for each server that was opened. */
  readonly number: number;
  /** Cut out of what the server says. */
  readonly secrets: KnownSecrets;
}

/**
 * A tool server that is closed when the registry has no use for it any more and no call is under way. What it says reaches
 * nobody with a secret in it.
 */
export class HeldServer implements ToolServer {
  private underWay = 0;
  private isRetired = false;

  constructor(
    private readonly server: ToolServer,
    private readonly means: HeldMeans,
  ) {}

  get settings(): string {
    return this.means.settings;
  }

  get name(): string {
    return this.server.name;
  }

  get version(): number {
    return this.means.number * VERSIONS_OF_ONE + this.server.version;
  }

  get state(): ToolServerState {
    const { state } = this.server;
    const { reason } = state;
    return reason === undefined ? state : { ...state, reason: this.means.secrets.cut(reason) };
  }

  list(): Promise<ToolList> {
    return this.during(() => this.server.list());
  }

  call(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult> {
    return this.during(async () => {
      const { content, ...result } = await this.server.call(request, signal);
      const { secrets } = this.means;
      const cut = result.isError ? secrets.cut(content) : secrets.cutKnown(content);
      return { ...result, content: cut };
    });
  }

  close(): Promise<void> {
    return this.server.close();
  }

  retire(): void {
    this.isRetired = true;
    this.closeIfUnused();
  }

  private async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.underWay += 1;
    try {
      return await work();
    } catch (error) {
      throw this.withoutSecrets(error);
    } finally {
      this.underWay -= 1;
      this.closeIfUnused();
    }
  }

  private withoutSecrets(error: unknown): unknown {
    if (!(error instanceof WorldError)) return error;
    const message = this.means.secrets.cut(error.message);
    return message === error.message
      ? error
      : new WorldError(message, error.retry, { cause: error });
  }

  private closeIfUnused(): void {
    if (this.isRetired && this.underWay === 0) this.server.close().catch(() => undefined);
  }
}
