import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const TOOL = { name: 'look', description: 'Looks.', inputSchema: { type: 'object' } };
const CALLED = { content: [{ type: 'text', text: 'seen by a person' }] };

/** A tool server over HTTP that people log in to, and where they do: whoever opens the page says yes. */
export class LoginToolServer {
  private readonly server: Server;
  private codes = 0;
  private origin = '';

  private constructor() {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  static async start(): Promise<LoginToolServer> {
    const started = new LoginToolServer();
    started.server.listen(0, '127.0.0.1');
    await once(started.server, 'listening');
    const { port } = started.server.address() as AddressInfo;
    started.origin = `http://127.0.0.1:${port}`;
    return started;
  }

  get url(): string {
    return `${this.origin}/mcp`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const body = await bodyOf(request);
    if (url.pathname === '/authorize') return this.sendBack(url, response);
    if (url.pathname !== '/mcp') return json(response, this.described(url.pathname, body));
    if (request.headers.authorization === 'Bearer token-of-a-person') {
      return answerCall(JSON.parse(body === '' ? '{}' : body) as Message, response);
    }
    const place = `${this.origin}/.well-known/oauth-protected-resource`;
    response.setHeader('www-authenticate', `Bearer resource_metadata="${place}", scope="read"`);
    json(response, { error: 'invalid_token' }, 401);
  }

  private sendBack(url: URL, response: ServerResponse): void {
    const back = new URL(url.searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('state', url.searchParams.get('state') ?? '');
    back.searchParams.set('code', `code-${(this.codes += 1)}`);
    response.writeHead(302, { location: back.href }).end();
  }

  private described(path: string, body: string): object {
    const { origin: issuer } = this;
    if (path === '/register') return { ...(JSON.parse(body) as object), client_id: 'registered' };
    if (path === '/token') return { access_token: 'token-of-a-person', token_type: 'Bearer' };
    if (path.startsWith('/.well-known/oauth-protected-resource')) {
      return { resource: this.url, authorization_servers: [issuer] };
    }
    const endpoint = (name: string) => `${issuer}/${name}`;
    return {
      issuer,
      authorization_endpoint: endpoint('authorize'),
      token_endpoint: endpoint('token'),
      registration_endpoint: endpoint('register'),
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
    };
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
}

function answerCall({ id, method }: Message, response: ServerResponse): void {
  if (id === undefined) return void response.writeHead(202).end();
  const results: Readonly<Record<string, object>> = {
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'crm', version: '1' },
    },
    'tools/list': { tools: [TOOL] },
    'tools/call': CALLED,
  };
  const result = results[method ?? ''];
  const error = { code: -32_601, message: 'Method not found' };
  json(response, { jsonrpc: '2.0', id, ...(result === undefined ? { error } : { result }) });
}

function json(response: ServerResponse, value: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
