// An MCP server over Streamable HTTP, of the SDK generation named by the first argument: `2026` or `2025`. Prints its
// URL. `look` tells what came with the call, `die` ends the process before it answers, `ask` asks people with a form and tells
// what they said.
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

const forms = {
  colour: {
    message: 'Which colour?',
    requestedSchema: {
      type: 'object',
      properties: { colour: { type: 'string', enum: ['red', 'green'] } },
      required: ['colour'],
    },
  },
  page: {
    mode: 'url',
    message: 'Log in',
    url: 'https://example.invalid/login',
    elicitationId: '1',
  },
  nested: {
    message: 'Where?',
    requestedSchema: { type: 'object', properties: { at: { type: 'object' } } },
  },
};
const told = (answer) => ({ content: [{ type: 'text', text: JSON.stringify(answer) }] });

/** The server of `2026` is asked again with the answers, that of `2025` waits for them. */
function askAgain({ arguments: { form, times = 1 } }, { mcpReq }) {
  const before = Number(mcpReq.requestState() ?? 0);
  if (before >= times) return told([before, mcpReq.inputResponses]);
  const request = { method: 'elicitation/create', params: forms[form] };
  return {
    resultType: 'input_required',
    inputRequests: { first: request },
    requestState: String(before + 1),
  };
}

async function askOn({ arguments: { form, times = 1 } }, send, anything) {
  const answers = [];
  for (let time = 0; time < times; time += 1) {
    const request = { method: 'elicitation/create', params: forms[form] };
    answers.push(await send(request, anything).catch(({ message }) => message));
  }
  return told(answers);
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
      server.setRequestHandler('tools/call', ({ params }, context) =>
        params.name === 'ask'
          ? askAgain(params, context)
          : call(params, new ProtocolError(-32602, 'no such thing')),
      );
      return server;
    }),
  );
}

async function legacy() {
  const { Server } = await import('@modelcontextprotocol/sdk/server/index.js');
  const { StreamableHTTPServerTransport } =
    await import('@modelcontextprotocol/sdk/server/streamableHttp.js');
  const { CallToolRequestSchema, ListToolsRequestSchema, McpError, ResultSchema } =
    await import('@modelcontextprotocol/sdk/types.js');
  const { randomUUID } = await import('node:crypto');
  const sessions = new Map();
  const open = async () => {
    const server = new Server(
      { name: 'http-tools', version: '1.0.0' },
      { capabilities: { tools: {} } },
    );
    server.setRequestHandler(ListToolsRequestSchema, list);
    server.setRequestHandler(CallToolRequestSchema, ({ params }, { sendRequest }) =>
      params.name === 'ask'
        ? askOn(params, sendRequest, ResultSchema)
        : call(params, new McpError(-32602, 'no such thing')),
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
