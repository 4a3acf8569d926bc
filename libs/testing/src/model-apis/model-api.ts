import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the model says, and what the API counts. */
export interface ApiAnswer {
  readonly texts?: readonly string[];
  readonly thinking?: string;
  /** `input` as text is sent as it stands, also when it is no JSON. */
  readonly toolCalls?: readonly { readonly name: string; readonly input: object | string }[];
  /** What ended it before the model did; `refusal`: the model says no in the API's own way. */
  readonly stop?: 'length' | 'filter' | 'refusal';
  /** Default: 10 in, 5 out, nothing cached. `none`: the API counts nothing. */
  readonly usage?:
    'none' | { readonly input?: number; readonly output?: number; readonly cacheRead?: number };
}

export interface ApiFailure {
  readonly status: number;
  /** The API's own word for it. */
  readonly code?: string;
  readonly message?: string;
}

/** What the server does with one request. */
export type ApiBehaviour =
  | ({ readonly kind: 'answer' } & ApiAnswer)
  /** An HTTP error instead of a stream. */
  | ({ readonly kind: 'refuse'; readonly headers?: Readonly<Record<string, string>> } & ApiFailure)
  /** The stream of the answer, given up after the first piece of its text. */
  | {
      readonly kind: 'breakOff';
      /** `cut`: the socket is destroyed; `end`: the body ends early; `stall`: silence; a failure: an error event. */
      readonly how: 'cut' | 'end' | 'stall' | (ApiFailure & { readonly staysOpen?: boolean });
      readonly answer: ApiAnswer;
    }
  /** These bytes as the body of a stream, again and again until `bytes` are sent. */
  | { readonly kind: 'raw'; readonly text: string; readonly bytes?: number };

export type Frame = string | Uint8Array;

/** How an API of models speaks. */
export interface ApiDialect {
  readonly contentType: string;
  /** Of each stream, beside it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole stream of an answer to the request. */
  frames(answer: ApiAnswer, body: ApiBody): Frame[];
  errorBody(failure: ApiFailure): object;
  errorFrame(failure: ApiFailure): Frame;
  /** Why the API would answer 400; undefined when nothing is known against the request. */
  objectionTo(body: ApiBody): string | undefined;
}

export type ApiBody = Readonly<Record<string, unknown>>;

export interface ApiRequest {
  readonly headers: IncomingMessage['headers'];
  readonly path: string;
  readonly body: ApiBody;
}

/** A server that speaks to clients of models as scripted, in the words of one API. */
export interface ModelApi {
  readonly url: string;
  /** All requests until now, oldest first. */
  readonly requests: readonly ApiRequest[];
  /** How many answers ended because the client went away. */
  readonly abandoned: number;
  /** Adds behaviours, one for each request to come; a request beyond them is answered with 500. */
  script(...behaviours: readonly ApiBehaviour[]): void;
  /** Ends the server and every stream. Safe to repeat. */
  stop(): Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1. `models`: what it lists when it is asked for its models. */
export async function startModelApi(
  dialect: ApiDialect,
  { models = [] }: { readonly models?: readonly string[] } = {},
): Promise<ModelApi> {
  const requests: ApiRequest[] = [];
  const behaviours: ApiBehaviour[] = [];
  const counts = { abandoned: 0 };
  const server = createServer((request, response) => {
    if (request.method === 'GET') return void list(response, models);
    response.once('close', () => {
      if (!response.writableFinished) counts.abandoned += 1;
    });
    void bodyOf(request).then((body) => {
      requests.push({ headers: request.headers, path: request.url ?? '', body });
      const objection = dialect.objectionTo(body);
      // What was scripted is for a request that is accepted.
      if (objection !== undefined) refuse(dialect, response, { status: 400, message: objection });
      else behave({ dialect, body }, response, behaviours.shift() ?? UNSCRIPTED);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get abandoned() {
      return counts.abandoned;
    },
    script: (...more) => behaviours.push(...more),
    stop: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const UNSCRIPTED: ApiBehaviour = {
  kind: 'refuse',
  status: 500,
  message: 'nothing is scripted for this request',
};

function list(response: ServerResponse, models: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ object: 'list', data: models.map((id) => ({ id })) }));
}

async function bodyOf(request: IncomingMessage): Promise<ApiBody> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return JSON.parse(text) as ApiBody;
}

interface Asked {
  readonly dialect: ApiDialect;
  readonly body: ApiBody;
}

function behave(asked: Asked, response: ServerResponse, behaviour: ApiBehaviour): void {
  const { dialect, body } = asked;
  if (behaviour.kind === 'refuse') return refuse(dialect, response, behaviour, behaviour.headers);
  response.writeHead(200, { 'content-type': dialect.contentType, ...dialect.headers });
  response.flushHeaders();
  if (behaviour.kind === 'raw') return void repeat(response, behaviour);
  if (behaviour.kind === 'breakOff') return breakOff(asked, response, behaviour);
  for (const frame of dialect.frames(behaviour, body)) response.write(frame);
  response.end();
}

function refuse(
  dialect: ApiDialect,
  response: ServerResponse,
  failure: ApiFailure,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(failure.status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(dialect.errorBody(failure)));
}

function breakOff(
  { dialect, body }: Asked,
  response: ServerResponse,
  { how, answer }: Extract<ApiBehaviour, { readonly kind: 'breakOff' }>,
): void {
  const frames = dialect.frames(answer, body);
  const piece = JSON.stringify(inPieces(answer.texts?.[0] ?? '')[0] ?? '').slice(1, -1);
  const first = frames.findIndex((frame) => Buffer.from(frame).includes(piece));
  for (const frame of frames.slice(0, first + 1)) response.write(frame);
  if (typeof how === 'object') response.write(dialect.errorFrame(how));
  const isOver = typeof how === 'object' ? how.staysOpen !== true : how === 'end';
  if (isOver) response.end();
  // Only what has left the process arrives before the cut.
  if (how === 'cut') response.write('\n', () => response.destroy());
}

/** Heeds how much the client takes in. */
async function repeat(
  response: ServerResponse,
  { text, bytes = 0 }: Extract<ApiBehaviour, { readonly kind: 'raw' }>,
): Promise<void> {
  for (let sent = 0; sent === 0 || sent < bytes; sent += text.length) {
    if (response.destroyed) return;
    if (!response.write(text)) await once(response, 'drain').catch(() => undefined);
  }
  response.end();
}

/** The first half and the rest, so that readers have to put texts together. */
export function inPieces(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== '');
}

/** One event of a stream of server-sent events. */
export function eventFrame(data: object, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** The input of a call as the API writes it. */
export function inputText(input: object | string): string {
  return typeof input === 'string' ? input : JSON.stringify(input);
}

const FUNCTION_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** What all of the APIs refuse: names of another form or twice, halves of characters. */
export function objectionToAny(body: ApiBody, names: readonly string[]): string | undefined {
  if (/\\ud[89a-f]/i.test(JSON.stringify(body))) return 'the body is not valid Unicode';
  const odd = names.find((name) => !FUNCTION_NAME.test(name));
  if (odd !== undefined) return `${odd} does not match ${FUNCTION_NAME.source}`;
  return new Set(names).size < names.length ? 'names of functions must be unique' : undefined;
}
