// An MCP server over HTTP+SSE, which was before Streamable HTTP. Prints its URL. `look` tells what came with the call,
// `big` answers with two megabytes, `die` ends the process before it answers, `wait` never answers.
import { createServer } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';

const names = ['look', 'big', 'die', 'wait', 'refuse'];
const sessions = new Map();
let token;

async function open(response) {
  const server = new Server(
    { name: 'sse-tools', version: '1.0.0' },
    { capabilities: { tools: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })),
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params: { name } }) => {
    if (name === 'die') process.exit(1);
    if (name === 'wait') return new Promise(() => undefined);
    if (name === 'refuse') throw new McpError(-32602, 'no such thing');
    const text = name === 'big' ? 'x'.repeat(2 * 1024 * 1024) : String(token);
    return { content: [{ type: 'text', text }] };
  });
  const transport = new SSEServerTransport('/messages', response);
  sessions.set(transport.sessionId, transport);
  await server.connect(transport);
}

const http = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (request.method === 'GET' && pathname === '/sse') return void open(response);
  token = request.headers['x-token'];
  const transport = sessions.get(searchParams.get('sessionId'));
  if (transport === undefined) return void response.writeHead(404).end();
  return void transport.handlePostMessage(request, response);
});
http.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${http.address().port}/sse\n`);
});
