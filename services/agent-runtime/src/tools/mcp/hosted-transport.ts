import {
  deserializeMessage,
  serializeMessage,
  type JSONRPCMessage,
  type Transport,
} from '@modelcontextprotocol/client';
import {
  HostedServer,
  type HostConnector,
  type LaunchRequest,
  type Started,
} from '@skynet/tool-host';
import { isRecord } from '../records.js';
import { oddResultOf, UNUSABLE_ANSWER } from './unusable-answers.js';

/** A result that is no object answers its call as well. */
function messageIn(line: string): JSONRPCMessage {
  const raw: unknown = JSON.parse(line);
  const odd = isRecord(raw) ? oddResultOf(raw) : undefined;
  return odd === undefined ? deserializeMessage(line) : odd;
}

/** The transport of a stdio server that runs in a host of tool servers. */
export class HostedTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  private server: HostedServer | undefined;

  constructor(
    private readonly hosts: HostConnector,
    private readonly request: LaunchRequest,
    private readonly onStarted: (started: Started) => void = () => undefined,
  ) {}

  /** @throws Error that says why the server was not started */
  async start(): Promise<void> {
    const { server, started } = await HostedServer.launch(this.hosts, this.request, {
      onLine: (line) => this.receive(line),
      onTooLarge: ({ bytes, id }) => {
        const message = `answer larger than ${this.request.maxAnswerBytes} bytes: ${bytes}`;
        if (id === undefined) this.onerror?.(new Error(message));
        else this.onmessage?.({ jsonrpc: '2.0', id, error: { code: UNUSABLE_ANSWER, message } });
      },
      onEnd: () => this.onclose?.(),
    });
    this.server = server;
    this.onStarted(started);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    await this.server?.send(serializeMessage(message));
  }

  async close(): Promise<void> {
    await this.server?.close();
  }

  /** Why a connection broke off or never was: how the server ended and what it wrote to stderr last, else the error. */
  explain(error: unknown): string {
    const told = error instanceof Error ? error.message : String(error);
    const { ending, errorOutput = '' } = this.server ?? {};
    return ending ?? [told, errorOutput].filter(Boolean).join(': ');
  }

  private receive(line: Buffer): void {
    // Servers print greetings.
    if (!line.includes('{')) return;
    try {
      this.onmessage?.(messageIn(line.toString()));
    } catch (error) {
      this.onerror?.(new Error('not a message', { cause: error }));
    }
  }
}
