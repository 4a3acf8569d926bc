import type { Socket } from 'node:net';
import {
  endSchema,
  FRAME,
  startedSchema,
  tooLargeSchema,
  type End,
  type Started,
  type TooLarge,
} from '../protocol/frames.js';
import type { LaunchRequest } from '../protocol/launch-request.js';
import { LineSplitter } from '../protocol/line-splitter.js';

/** Where hosts are found. */
export interface HostConnector {
  /** A new connection. @throws Error when there is no host */
  connect(): Promise<Socket>;
}

export interface ServerListener {
  /** A line that the server wrote. */
  onLine(line: Buffer): void;
  onTooLarge(answer: TooLarge): void;
  /** Called once: the server is gone, or nobody knows of it any more. */
  onEnd(): void;
}

const KEPT_LINES = 20;
const LONGEST_REASON = 2_000;
const FRAME_BYTES = 4_096;

/** A server that a host runs for this process. */
export class HostedServer {
  private readonly lastLines: string[] = [];
  private end: End | undefined;
  private onStarted: ((started: Started | undefined) => void) | undefined;
  private readonly closed: Promise<void>;

  private constructor(
    private readonly socket: Socket,
    maxAnswerBytes: number,
    private readonly listener: ServerListener,
  ) {
    const splitter = new LineSplitter(maxAnswerBytes + FRAME_BYTES, {
      onLine: (line) => this.read(line),
      onLongLine: () => socket.destroy(),
    });
    socket.on('data', (chunk) => splitter.push(chunk));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
        this.onStarted?.(undefined);
        listener.onEnd();
      });
    });
  }

  /**
   * Has a host start a server. Surely nothing runs when it fails.
   *
   * @throws Error that says why it was not started
   */
  static async launch(
    hosts: HostConnector,
    request: LaunchRequest,
    listener: ServerListener,
  ): Promise<{ readonly server: HostedServer; readonly started: Started }> {
    const socket = await hosts.connect();
    const server = new HostedServer(socket, request.maxAnswerBytes, listener);
    const starting = new Promise<Started | undefined>((resolve) => {
      server.onStarted = resolve;
    });
    socket.write(`${JSON.stringify(request)}\n`);
    const started = await starting;
    if (started === undefined)
      throw new Error(server.ending ?? 'the host of tool servers broke off');
    return { server, started };
  }

  /** Resolves when more may be sent. */
  async send(line: string): Promise<void> {
    if (this.socket.destroyed || this.socket.write(line)) return;
    await new Promise<void>((resolve) => {
      this.socket.once('drain', resolve);
      this.socket.once('close', resolve);
    });
  }

  /** Ends the server with all that it has started; resolves when it is gone, within 3 s. */
  async close(): Promise<void> {
    this.socket.end();
    await this.closed;
  }

  /** How it ended, with what it wrote to stderr last; undefined while it runs, or when nobody knows. */
  get ending(): string | undefined {
    if (this.end === undefined) return undefined;
    const how = howOf(this.end);
    const said = this.errorOutput;
    return said === '' ? how : `${how}: ${said}`;
  }

  /** The last lines that it wrote to stderr. */
  get errorOutput(): string {
    return this.lastLines.join('\n').slice(-LONGEST_REASON).trim();
  }

  private read(line: Buffer): void {
    const kind = String.fromCharCode(line[0] ?? 0);
    const body = line.subarray(1);
    switch (kind) {
      case FRAME.output:
        return this.listener.onLine(body);
      case FRAME.error:
        return this.keep(body.toString());
      case FRAME.tooLarge:
        return this.listener.onTooLarge(tooLargeSchema.parse(JSON.parse(body.toString())));
      case FRAME.started:
        return this.onStarted?.(startedSchema.parse(JSON.parse(body.toString())));
      case FRAME.end:
        this.end = endSchema.parse(JSON.parse(body.toString()));
        this.socket.end();
        return undefined;
      default:
        // A newer host's.
        return undefined;
    }
  }

  private keep(line: string): void {
    this.lastLines.push(line);
    if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
  }
}

function howOf({ reason, code, signal }: End): string {
  if (reason !== undefined) return reason;
  if (typeof signal === 'string') return `was ended by ${signal}`;
  return `exited with code ${code ?? 'unknown'}`;
}
