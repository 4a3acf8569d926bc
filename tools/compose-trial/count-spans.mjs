import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';

let spans = 0;
const traces = new Set();

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  for (const { scopeSpans } of JSON.parse(Buffer.concat(chunks)).resourceSpans) {
    for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
      spans += 1;
      traces.add(span.traceId);
    }
  }
  response.setHeader('content-type', 'application/json').end('{}');
}).listen(4318);

createServer((_request, response) => {
  response.end(`${JSON.stringify({ spans, traces: traces.size })}\n`);
}).listen(16686);
