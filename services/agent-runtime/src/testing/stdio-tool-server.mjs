// An MCP server over stdio. `die` ends the process before it answers, `grow` adds a tool and says so, `huge` answers with
// 2 MB, `later` answers at `now`, `chatter` prints lines that are no messages, `remember` answers with what it was given
// so far, `ask` asks people and tells what they said, `works` does when `now` comes and says of itself what `tells` is given, `meta` answers with what came beside the arguments.
import { createInterface } from 'node:readline';

let waiting;
const form = { requestedSchema: { type: 'object', properties: { yes: { type: 'boolean' } } } };
let token;
const remembered = [];
const names = ['look', 'die', 'wait', 'grow', 'refuse'];
const send = (message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

const calls = {
  look: () => ({ content: [{ type: 'text', text: String(process.pid) }] }),
  die: () => process.exit(1),
  wait: () => undefined,
  remember: (id, { arguments: { value } }) => {
    if (value !== undefined) remembered.push(value);
    return { content: [{ type: 'text', text: remembered.join() }] };
  },
  meta: (id, { _meta }) => ({ content: [{ type: 'text', text: JSON.stringify(_meta) }] }),
  huge: () => ({ content: [{ type: 'text', text: 'x'.repeat(2_000_000) }] }),
  works: (id, { _meta }) => {
    waiting = id;
    token = _meta?.progressToken;
  },
  tells: (id, { arguments: told }) => {
    send({ method: 'notifications/progress', params: { progressToken: token, ...told } });
    return { content: [] };
  },
  ask: (id, { arguments: { message } }) => {
    waiting = id;
    send({ id: `ask${id}`, method: 'elicitation/create', params: { message, ...form } });
  },
  withdraw: () => {
    send({ method: 'notifications/cancelled', params: { requestId: `ask${waiting}` } });
    return calls.now();
  },
  later: (id) => {
    waiting = id;
  },
  now: () => {
    send({ id: waiting, result: { content: [] } });
    return { content: [] };
  },
  chatter: () => {
    process.stdout.write('Welcome!\n\n{"level":"info"}\n{ not json\n');
    return { content: [] };
  },
  grow: () => {
    names.push(`tool${names.length}`);
    send({ method: 'notifications/tools/list_changed' });
    return { content: [] };
  },
};

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: 'stdio-tools', version: '1.0.0' },
  }),
  'tools/list': () => ({
    tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })),
  }),
  'tools/call': (params, id) => calls[params.name]?.(id, params),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params, ...answer } = JSON.parse(line);
  if (method === undefined) {
    const text = JSON.stringify(answer.result ?? answer.error);
    send({ id: waiting, result: { content: [{ type: 'text', text }] } });
    continue;
  }
  if (id === undefined || answers[method] === undefined) continue;
  if (params?.name === 'refuse') {
    send({ id, error: { code: -32602, message: 'no such thing' } });
    continue;
  }
  const result = answers[method](params, id);
  if (result !== undefined) send({ id, result });
}
