// An MCP server over Streamable HTTP, of the SDK generation named by the first argument: `2026` or `2025`. Prints its
// URL. `look` tells what came with the call, `die` ends the process before it answers, `ask` asks people with a form and tells
// what they said; that of `2026` answers `long` with a task, which is over when `finish` says so.
import { createServer } from 'node:http';

const generation = process.argv[2];
const port = Number(process.argv[3] ?? 0);
const inputSchema = { type: 'object' };
const names = ['look', 'die', 'wait', 'refuse', 'long', 'finish'];
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

/** Of calls that were answered before they were done, by id. What is said of them is what `finish` was last called with. */
const tasks = new Map();
const asked = [];

function longCall({ arguments: { id = 'task-1', ...first } }, { mcpReq }) {
  asked.push('called');
  const { extensions } = mcpReq.envelope['io.modelcontextprotocol/clientCapabilities'] ?? {};
  if (extensions?.['io.modelcontextprotocol/tasks'] === undefined) return told('no tasks');
  tasks.set(id, { status: 'working', pollIntervalMs: 1, ...first });
  return { resultType: 'task', taskId: id, status: 'working', pollIntervalMs: 1 };
}

function finishTask({ arguments: { id = 'task-1', ...state } }) {
  tasks.set(id, { pollIntervalMs: 1, ...state });
  return told([...asked, headers['mcp-name']]);
}

const looking = {
  'tasks/get': (id, task) => ({ ...task, status: task.status ?? undefined }),
  'tasks/update': (id, task, { inputResponses }) => {
    asked.push(inputResponses);
    tasks.set(id, { ...task, status: 'working', inputRequests: undefined, ...task.then });
    return {};
  },
  'tasks/cancel': (id) => {
    asked.push(`cancelled ${id}`);
    tasks.delete(id);
    return {};
  },
};

function serveTasks(server, ProtocolError, anything) {
  const schemas = { params: anything, result: anything };
  for (const [method, look] of Object.entries(looking)) {
    server.setRequestHandler(method, schemas, ({ taskId, ...params }, { mcpReq }) => {
      const task = tasks.get(taskId);
      asked.push(...(task?.counts === true ? [method] : []));
      if (task?.fails > 0) {
        task.fails -= 1;
        throw new ProtocolError(-32603, 'just now not');
      }
      if (task === undefined) throw new ProtocolError(-32602, 'no such task');
      const inputResponses = mcpReq.inputResponses ?? params.inputResponses;
      return { resultType: 'complete', taskId, ...look(taskId, task, { inputResponses }) };
    });
  }
}

async function modern() {
  const { createMcpHandler, ProtocolError, Server } = await import('@modelcontextprotocol/server');
  const { toNodeHandler } = await import('@modelcontextprotocol/node');
  const z = await import('zod');
  return toNodeHandler(
    createMcpHandler(() => {
      const server = new Server(
        { name: 'http-tools', version: '1.0.0' },
        { capabilities: { tools: {} } },
      );
      server.setRequestHandler('tools/list', list);
      serveTasks(server, ProtocolError, z.looseObject({}));
      server.setRequestHandler('tools/call', ({ params }, context) => {
        const own = { ask: askAgain, long: longCall, finish: finishTask }[params.name];
        if (own !== undefined) return own(params, context);
        return call(params, new ProtocolError(-32602, 'no such thing'));
      });
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
