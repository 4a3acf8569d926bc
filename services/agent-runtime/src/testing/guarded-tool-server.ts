import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
}

/** A tool server over HTTP that takes calls with a token alone, and the authorization server that gives tokens. */
export interface GuardedToolServer {
  readonly url: string;
  readonly issuer: string;
  /** Asked for so far. */
  readonly tokenRequests: TokenRequest[];
  /** Says no to credentials from here on, when false. */
  gives: boolean;
  /** What the tool server names as its authorization server. */
  named: string;
  /** Tokens of before are not taken any more. */
  forget(): void;
  close(): Promise<void>;
}

/** In front of a server that is open to all. */
export async function guardToolServer(open: string): Promise<GuardedToolServer> {
  const valid = new Set<string>();
  const tokenRequests: TokenRequest[] = [];
  const authorization = await listening(async (request, response) => {
    if (request.url?.startsWith('/.well-known/') === true) return json(response, metadata());
    const form = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
    const { headers } = request;
    tokenRequests.push({ authorization: headers.authorization, form, headers });
    if (!guarded.gives) return json(response, { error: 'invalid_client' }, 401);
    const token = `token-${tokenRequests.length}`;
    valid.add(token);
    json(response, { access_token: token, token_type: 'Bearer', expires_in: 3_600 });
  });
  const issuer = originOf(authorization);
  const metadata = () => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    response_types_supported: ['code'],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256'],
  });
  const front = await listening(async (request, response) => {
    const own = originOf(front);
    if (request.url?.startsWith('/.well-known/oauth-protected-resource') === true) {
      const resource = `${own}${new URL(open).pathname}`;
      return json(response, { resource, authorization_servers: [guarded.named] });
    }
    const [, token = ''] = /^Bearer (.*)$/.exec(request.headers.authorization ?? '') ?? [];
    if (valid.has(token)) return passOn(new URL(open), request, response);
    const place = `${own}/.well-known/oauth-protected-resource`;
    response.setHeader('www-authenticate', `Bearer resource_metadata="${place}"`);
    json(response, { error: 'invalid_token' }, 401);
  });
  const guarded: GuardedToolServer = {
    url: `${originOf(front)}${new URL(open).pathname}`,
    issuer,
    tokenRequests,
    gives: true,
    named: issuer,
    forget: () => valid.clear(),
    close: async () => {
      for (const server of [front, authorization]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
  return guarded;
}

async function listening(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
): Promise<Server> {
  const server = createServer((request, response) => {
    void Promise.resolve(answer(request, response)).catch(() => response.destroy());
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
