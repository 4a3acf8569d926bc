import { isTextual, WorldError, type Clock } from '@skynet/platform';
import type { KnownSecrets } from '../../secrets/known-secrets.js';
import type {
  ToolCallRequest,
  ToolFile,
  ToolList,
  ToolResult,
  ToolServer,
  ToolServerState,
} from '../tool-server.port.js';

/** Lists of one process never have the version of another one. */
const VERSIONS_OF_ONE = 1_000_000_000;

export interface HeldServerMeans {
  /** Another one for each server that was opened. */
  readonly number: number;
  readonly clock: Pick<Clock, 'timer' | 'monotonicMs'>;
  /** Absent: it is kept however long nobody uses it. */
  readonly idleMs?: number;
  readonly onIdle: () => void;
  /** Cut out of what the server says. */
  readonly secrets: KnownSecrets;
  /** A call has ended and no other is under way. */
  readonly onRest: () => void;
}

/**
 * One process, or connection, of a server. It is closed when nobody has a use for it any more and no call is under way. What it
 * says reaches nobody with a secret in it.
 */
export class HeldServer implements ToolServer {
  private underWay = 0;
  private readonly closed = Promise.withResolvers<void>();
  private isRetired = false;
  private cancelIdle: (() => void) | undefined;
  private usedAtMs: number;

  constructor(
    private readonly server: ToolServer,
    private readonly means: HeldServerMeans,
  ) {
    this.usedAtMs = means.clock.monotonicMs();
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

  get isBusy(): boolean {
    return this.underWay > 0;
  }

  /** When it was used last, on the monotonic clock. */
  get lastUsedMs(): number {
    return this.usedAtMs;
  }

  list(): Promise<ToolList> {
    return this.during(() => this.server.list());
  }

  call(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult> {
    return this.during(async () => {
      const { content, files, ...result } = await this.server.call(request, signal);
      const { secrets } = this.means;
      const cut = result.isError ? secrets.cut(content) : secrets.cutKnown(content);
      const kept = files?.map((file) => withoutSecrets(file, secrets));
      return { ...result, content: cut, ...(kept !== undefined && { files: kept }) };
    });
  }

  /** Ends it at once. */
  async close(): Promise<void> {
    this.isRetired = true;
    this.cancelIdle?.();
    await this.server.close();
    this.closed.resolve();
  }

  /** Ends it with its last call; resolves when it is gone. */
  retire(): Promise<void> {
    this.isRetired = true;
    this.cancelIdle?.();
    this.closeIfUnused();
    return this.closed.promise;
  }

  private async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.underWay += 1;
    this.cancelIdle?.();
    try {
      return await work();
    } catch (error) {
      throw this.quiet(error);
    } finally {
      this.underWay -= 1;
      this.rest();
    }
  }

  private quiet(error: unknown): unknown {
    if (!(error instanceof WorldError)) return error;
    const message = this.means.secrets.cut(error.message);
    return message === error.message
      ? error
      : new WorldError(message, error.retry, { cause: error });
  }

  private rest(): void {
    const { clock, idleMs, onIdle, onRest } = this.means;
    this.usedAtMs = clock.monotonicMs();
    if (this.isBusy) return;
    this.closeIfUnused();
    if (!this.isRetired && idleMs !== undefined) this.cancelIdle = clock.timer(idleMs, onIdle);
    onRest();
  }

  private closeIfUnused(): void {
    if (this.isRetired && !this.isBusy) this.close().catch(() => this.closed.resolve());
  }
}

/** Bytes that are no text stay as they are. */
function withoutSecrets(file: ToolFile, secrets: KnownSecrets): ToolFile {
  if (!isTextual(file.mediaType)) return file;
  const text = file.bytes.toString();
  const cut = secrets.cutKnown(text);
  return cut === text ? file : { ...file, bytes: Buffer.from(cut) };
}
