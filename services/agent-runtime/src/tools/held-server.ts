import type {
  ToolCallRequest,
  ToolList,
  ToolResult,
  ToolServer,
  ToolServerState,
} from './tool-server.port.js';

/** Lists of a server of an earlier registry never have the version of one that took its place. */
const VERSIONS_OF_ONE = 1_000_000_000;

/** A tool server that is closed when the registry has no use for it any more and no call is under way. */
export class HeldServer implements ToolServer {
  private underWay = 0;
  private isRetired = false;

  constructor(
    private readonly server: ToolServer,
    /** Hash of its entry. */
    readonly settings: string,
    /** Another one for each server that was opened. */
    private readonly number: number,
  ) {}

  get name(): string {
    return this.server.name;
  }

  get version(): number {
    return this.number * VERSIONS_OF_ONE + this.server.version;
  }

  get state(): ToolServerState {
    return this.server.state;
  }

  list(): Promise<ToolList> {
    return this.during(() => this.server.list());
  }

  call(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult> {
    return this.during(() => this.server.call(request, signal));
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
    } finally {
      this.underWay -= 1;
      this.closeIfUnused();
    }
  }

  private closeIfUnused(): void {
    if (this.isRetired && this.underWay === 0) this.server.close().catch(() => undefined);
  }
}
