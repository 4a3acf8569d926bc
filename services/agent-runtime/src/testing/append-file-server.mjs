// An MCP server over stdio whose one tool appends a line to the file named by the first argument.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const file = process.argv[2];
const tool = {
  name: 'append',
  description: 'Appends a line.',
  inputSchema: {
    type: 'object',
    properties: { line: { type: 'string' }, delayMs: { type: 'number' } },
    required: ['line'],
  },
};

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'append-file', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools: [tool] }),
  'tools/call': async ({ arguments: { line, delayMs = 0 } }) => {
    appendFileSync(file, `${line}\n`);
    await pause(delayMs);
    return { content: [{ type: 'text', text: `appended ${line}` }] };
  },
  ping: () => ({}),
};

for await (const text of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(text);
  const answer = answers[method];
  if (id === undefined) continue;
  const error = { code: -32601, message: `no method ${method}` };
  const reply = answer === undefined ? { error } : { result: await answer(params) };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...reply })}\n`);
}
