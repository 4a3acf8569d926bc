// An MCP server over Streamable HTTP, of the SDK generation named by the first argument: `2026` or `2025`. Prints its
// URL. `look` tells what came with the call, `die` ends the process before it answers.
import { createServer } from 'node:http';

const generation = process.argv[2];
const port = Number(process.argv[3] ?? 0);
const inputSchema = { type: 'object' };
const names = ['look', 'die', 'wait', 'refuse'];
// Goes along in a header, too; `twice` says so wrongly.
const inRegion = (name) => ({ type: 'string', 'x-mcp-header': name });
const placed = {
  place: { region: inRegion('Region') },
  twice: { one: inRegion('Region'), other: inRegion('region') },
};
let headers = {};

const list = () => ({
  tools: [
    ...names.map((name) => ({ name, description: name, inputSchema })),
    ...Object.entries(placed).map(([name, properties]) => ({
      ...{ name, description: name, inputSchema: { ...inputSchema, properties } },
    })),
  ],
});

function call({ name, _meta = {} }, refusal) {
  if (name === 'die') process.exit(1);
  if (name === 'wait') return new Promise(() => undefined);
  if (name === 'refuse') throw refusal;
  const { 'idempotency-key': key, 'x-token': token, 'mcp-session-id': session } = headers;
  const { 'mcp-param-region': region } = headers;
  const seen = { key, token, session, region, meta: _meta };
  return { content: [{ type: 'text', text: JSON.stringify(seen) }] };
}

async function modern() {
  const { createMcpHandler, ProtocolError, Server } = await import('@modelcontextprotocol/server');
  const { toNodeHandler } = await import('@modelcontextprotocol/node');
  return toNodeHandler(
    createMcpHandler(() => {
      const server = new Server(
        { name: 'http-tools', version: '1.0.0' },
        { capabilities: { tools: {} } },
      );
      server.setRequestHandler('tools/list', list);
      server.setRequestHandler('tools/call', ({ params }) =>
        call(params, new ProtocolError(-32602, 'no such thing')),
      );
      return server;
    }),
  );
}

async function legacy() {
  const { Server } = await import('@modelcontextprotocol/sdk/server/index.js');
  const { StreamableHTTPServerTransport } =
    await import('@modelcontextprotocol/sdk/server/streamableHttp.js');
  const { CallToolRequestSchema, ListToolsRequestSchema, McpError } =
    await import('@modelcontextprotocol/sdk/types.js');
  const { randomUUID } = await import('node:crypto');
  const sessions = new Map();
  const open = async () => {
    const server = new Server(
      { name: 'http-tools', version: '1.0.0' },
      { capabilities: { tools: {} } },
    );
    server.setRequestHandler(ListToolsRequestSchema, list);
    server.setRequestHandler(CallToolRequestSchema, ({ params }) =>
      call(params, new McpError(-32602, 'no such thing')),
    );
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => sessions.set(id, transport),
    });
    await server.connect(transport);
    return transport;
  };
  return async (request, response) => {
    const id = request.headers['mcp-session-id'];
    if (id !== undefined && !sessions.has(id)) {
      response.writeHead(404).end();
      return;
    }
    const transport = id === undefined ? await open() : sessions.get(id);
    await transport.handleRequest(request, response);
  };
}

const handle = generation === '2026' ? await modern() : await legacy();
const http = createServer((request, response) => {
  if (request.method === 'POST') headers = request.headers;
  void handle(request, response);
});
http.listen(port, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${http.address().port}/mcp\n`);
});
