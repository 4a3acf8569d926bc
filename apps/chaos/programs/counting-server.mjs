// An MCP server over stdio whose one tool writes down each call that reaches it, in the file named by the first argument,
// before it does anything else: who is called twice stands there twice.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const [file, policy] = process.argv.slice(2);
const tool = {
  name: 'count',
  description: 'Counts the call.',
  inputSchema: {
    type: 'object',
    properties: {
      mark: { type: 'string' },
      step: { type: 'number' },
      delayMs: { type: 'number' },
    },
    required: ['mark', 'step'],
  },
};

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'counting', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools: [tool] }),
  'tools/call': async ({ arguments: { mark, step, delayMs = 0 }, _meta = {} }) => {
    const key = _meta['skynet/idempotencyKey'];
    appendFileSync(file, `${JSON.stringify({ policy, mark, step, key })}\n`);
    await pause(delayMs);
    return { content: [{ type: 'text', text: `counted ${step}` }] };
  },
  ping: () => ({}),
};

async function answer(text) {
  const { id, method, params } = JSON.parse(text);
  if (id === undefined) return;
  const error = { code: -32601, message: `no method ${method}` };
  const reply =
    answers[method] === undefined ? { error } : { result: await answers[method](params) };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...reply })}\n`);
}

for await (const text of createInterface({ input: process.stdin })) void answer(text);
