// An MCP server over stdio that says what its first argument tells it to, as JSON: `tools`, and by name of a tool the
// `answers`: a result or an error as it goes over the wire. `says`: instructions; `reads`: by method, results of others.
import { createInterface } from 'node:readline';

const { tools, answers, says, reads = {} } = JSON.parse(process.argv[2]);

const results = {
  initialize: ({ protocolVersion }) => ({
    result: {
      protocolVersion,
      capabilities: {
        tools: {},
        ...('resources/list' in reads && { resources: {} }),
      },
      ...(says !== undefined && { instructions: says }),
      serverInfo: { name: 'odd', version: '1.0.0' },
    },
  }),
  'tools/list': () => ({ result: { tools, nextCursor: null } }),
  'tools/call': ({ name }) => answers[name],
  ...Object.fromEntries(
    Object.entries(reads).map(([method, result]) => [method, () => ({ result })]),
  ),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  const answer = results[method]?.(params);
  if (answer !== undefined)
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
}
