import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { objectionTo } from './messages-rules.js';
import { messageEvents, type MessagesAnswer, type StreamEvent } from './messages-events.js';

/** What the server does with one request. */
export type MessagesBehaviour =
  | ({ readonly kind: 'answer' } & MessagesAnswer)
  /** These events as they are, and the end. */
  | { readonly kind: 'events'; readonly events: readonly StreamEvent[] }
  /** An HTTP error instead of a stream. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly type: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The stream of the answer, given up after so many of its events. */
  | {
      readonly kind: 'breakOff';
      readonly afterEvents: number;
      /** `cut`: the socket is destroyed; `end`: the body ends early; `error`: an error event; `stall`: silence. */
      readonly how: 'cut' | 'end' | 'error' | 'stall';
      readonly answer: MessagesAnswer;
      /** Of the error event. Default: overloaded_error. */
      readonly type?: string;
    };

/** A request as it arrived. */
export interface MessagesRequest {
  readonly headers: IncomingMessage['headers'];
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A server that speaks the event stream of Anthropic's Messages API as scripted, and refuses what that is known to refuse. */
export interface MessagesApi {
  /** Base URL for a client. */
  readonly url: string;
  /** All requests until now, oldest first. */
  readonly requests: readonly MessagesRequest[];
  /** Adds behaviours, one for each request to come; a request beyond them is answered with 500. */
  script(...behaviours: readonly MessagesBehaviour[]): void;
  /** Ends the server and every stream. Safe to repeat. */
  stop(): Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1. */
export async function startMessagesApi(): Promise<MessagesApi> {
  const requests: MessagesRequest[] = [];
  const behaviours: MessagesBehaviour[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      requests.push({ headers: request.headers, path: request.url ?? '', body });
      const objection = objectionTo(body);
      // What was scripted is for a request that is accepted.
      if (objection !== undefined) refuse(response, { ...INVALID, message: objection });
      else behave(response, behaviours.shift() ?? UNSCRIPTED);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    script: (...more) => behaviours.push(...more),
    stop: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const UNSCRIPTED: MessagesBehaviour = {
  kind: 'refuse',
  status: 500,
  type: 'api_error',
  message: 'nothing is scripted for this request',
};

const INVALID = { kind: 'refuse', status: 400, type: 'invalid_request_error' } as const;

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return JSON.parse(text) as Record<string, unknown>;
}

function behave(response: ServerResponse, behaviour: MessagesBehaviour): void {
  switch (behaviour.kind) {
    case 'refuse':
      return refuse(response, behaviour);
    case 'answer':
      stream(response, messageEvents(behaviour));
      response.end();
      return;
    case 'events':
      stream(response, behaviour.events);
      response.end();
      return;
    case 'breakOff':
      return breakOff(response, behaviour);
  }
}

type Behaviour<Kind extends MessagesBehaviour['kind']> = Extract<
  MessagesBehaviour,
  { readonly kind: Kind }
>;

function refuse(response: ServerResponse, behaviour: Behaviour<'refuse'>): void {
  const { status, type, message = type, headers = {} } = behaviour;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ type: 'error', error: { type, message } }));
}

function breakOff(response: ServerResponse, behaviour: Behaviour<'breakOff'>): void {
  const { how, afterEvents, answer, type = 'overloaded_error' } = behaviour;
  stream(response, messageEvents(answer).slice(0, afterEvents));
  if (how === 'error') stream(response, [{ type: 'error', error: { type, message: type } }]);
  if (how === 'error' || how === 'end') response.end();
  // Only what has left the process arrives before the cut.
  if (how === 'cut') response.write(': cut\n\n', () => response.destroy());
}

function stream(response: ServerResponse, events: readonly StreamEvent[]): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  for (const event of events) {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
}
