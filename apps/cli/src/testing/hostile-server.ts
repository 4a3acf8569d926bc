import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { toolCatalogue } from '@skynet/contracts';
import { z } from 'zod';
import { AGENT } from './every-command.js';
import { sampleOf } from './sample-of.js';

/** What a terminal acts on, in every form, around a word to find it by. */
export const HOSTILE =
  'EVIL\u001b[2J\u001b[31m\u001b]0;title\u0007\u009b1m\u009d8;;http://x\u009c\u202e\u2066\u007f\r\n\u2028\u0008forged';

/** `says`: answers as they should be; `refuses`: errors of tools and of the API; `fails`: errors of the protocol. */
export type Mood = 'says' | 'refuses' | 'fails';

/** An edge and an auth service whose every text is hostile. */
export class HostileServer {
  mood: Mood = 'says';
  private readonly server: Server = createServer((request, response) => {
    this.answer(request, response).catch(() => response.destroy());
  });

  async open(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', method = '' } = request;
    if (url.startsWith('/mcp') && method === 'POST') return this.answerMcp(request, response);
    if (url === '/token') {
      if (this.mood !== 'fails') return send(response, 200, { access_token: 't', expires_in: 900 });
      return send(response, 400, { error: HOSTILE, error_description: HOSTILE });
    }
    if (this.mood !== 'says') return send(response, 409, { message: HOSTILE, next: HOSTILE });
    const known = { name: HOSTILE, clientId: HOSTILE, tenant: HOSTILE };
    const user = { ...known, roles: ['viewer'], disabled: false };
    const client = { ...user, scopes: 'all', tokenSeconds: 60, clientSecret: HOSTILE };
    const list = { users: [user], clients: [client] };
    send(response, 200, method === 'GET' ? list : url.includes('/clients') ? client : user);
  }

  private async answerMcp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { id, method, params = {} } = messageSchema.parse(await json(request));
    if (id === undefined) return send(response, 202, {});
    const reply = (rest: object) => send(response, 200, { jsonrpc: '2.0', id, ...rest });
    if (method === 'initialize') {
      const serverInfo = { name: HOSTILE, version: HOSTILE };
      const protocolVersion = params.protocolVersion ?? '2025-06-18';
      return reply({ result: { protocolVersion, capabilities: { tools: {} }, serverInfo } });
    }
    if (method !== 'tools/call') return reply({ error: { code: -32601, message: HOSTILE } });
    if (this.mood === 'fails') return reply({ error: { code: -32603, message: HOSTILE } });
    reply({ result: this.mood === 'refuses' ? refusal() : answerOfTool(params.name ?? '') });
  }
}

const messageSchema = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.looseObject({ name: z.string(), protocolVersion: z.string() }).partial().optional(),
});

function answerOfTool(name: string) {
  const tool = Object.values(toolCatalogue).find((each) => each.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const known = { agentId: AGENT, rootId: AGENT };
  return { content: [], structuredContent: sampleOf(tool.output, HOSTILE, known) };
}

function refusal() {
  const text = JSON.stringify({ code: 'AGENT_NOT_FOUND', message: HOSTILE, next: HOSTILE });
  return { content: [{ type: 'text', text }], isError: true };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(status === 202 ? '' : JSON.stringify(body));
}
