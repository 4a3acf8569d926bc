import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { AuthorizationServer, type TokenRequest } from './authorization-server.js';

/** A tool server over HTTP that takes calls with a token alone, and the authorization server that gives tokens. */
export interface GuardedToolServer {
  readonly url: string;
  readonly issuer: string;
  readonly authorization: AuthorizationServer;
  /** Asked for so far. */
  readonly tokenRequests: readonly TokenRequest[];
  /** What the tool server names as its authorization server. */
  named: string;
  /** Scopes that a token must have, with spaces between them. */
  needs: string;
  /** Tokens of before are not taken any more. */
  forget(): void;
  close(): Promise<void>;
}

/** In front of a server that is open to all. */
export async function guardToolServer(open: string): Promise<GuardedToolServer> {
  const authorization = new AuthorizationServer(() => issuer);
  const { valid } = authorization;
  const giver = await listening(async (request, response) => {
    const {
      status = 200,
      body,
      headers,
    } = await authorization.answer(request, await bodyOf(request));
    const type = { 'content-type': 'application/json' };
    response.writeHead(status, { ...type, ...headers }).end(JSON.stringify(body ?? {}));
  });
  const issuer = originOf(giver);
  const front = await listening(async (request, response) => {
    const own = originOf(front);
    if (request.url?.startsWith('/.well-known/oauth-protected-resource') === true) {
      const resource = `${own}${new URL(open).pathname}`;
      return json(response, { resource, authorization_servers: [guarded.named] });
    }
    const [, token = ''] = /^Bearer (.*)$/.exec(request.headers.authorization ?? '') ?? [];
    const has = valid.get(token)?.split(' ');
    const needed = guarded.needs.split(' ').filter((scope) => scope !== '');
    if (has !== undefined && needed.every((scope) => has.includes(scope))) {
      return passOn(new URL(request.url ?? '/', open), request, response);
    }
    challenge(response, `${own}/.well-known/oauth-protected-resource`, {
      scope: guarded.needs,
      isKnown: has !== undefined,
    });
  });
  const guarded: GuardedToolServer = {
    url: `${originOf(front)}${new URL(open).pathname}`,
    issuer,
    authorization,
    tokenRequests: authorization.tokenRequests,
    named: issuer,
    needs: '',
    forget: () => valid.clear(),
    close: async () => {
      for (const server of [front, giver]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
  return guarded;
}

function challenge(
  response: ServerResponse,
  place: string,
  { scope, isKnown }: { readonly scope: string; readonly isKnown: boolean },
): void {
  const [status, error] = isKnown ? [403, 'insufficient_scope'] : [401, 'invalid_token'];
  const asked = scope === '' ? '' : `, scope="${scope}"`;
  const told = `Bearer error="${error}", resource_metadata="${place}"${asked}`;
  response.setHeader('www-authenticate', told);
  json(response, { error }, status);
}

async function listening(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(response: ServerResponse, value: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

async function passOn(to: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const {
    host: _host,
    connection: _connection,
    'content-length': _length,
    ...rest
  } = request.headers;
  const { method = 'GET' } = request;
  const body = method === 'POST' ? await bodyOf(request) : undefined;
  const headers = Object.entries(rest).map(
    ([name, value]) => [name, String(value)] as [string, string],
  );
  const abort = new AbortController();
  response.on('close', () => abort.abort());
  const answer = await fetch(to, { method, headers, body: body ?? null, signal: abort.signal });
  const told = [...answer.headers].filter(([name]) => !HOP.has(name));
  response.writeHead(answer.status, Object.fromEntries(told));
  for await (const part of answer.body ?? []) response.write(part);
  response.end();
}

const HOP: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'content-encoding',
]);
