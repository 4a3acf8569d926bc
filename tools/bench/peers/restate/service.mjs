import { createServer } from 'node:http2';
import { createEndpointHandler, RestatePromise, service } from '@restatedev/restate-sdk';

/** An agent: each step is in the journal before the next, and a handler that runs again goes on where it was. */
const agent = service({
  name: 'agent',
  handlers: {
    run: async (context, { depth, fanOut }) => {
      await context.run('model', () => 'report_progress');
      await context.run('report_progress', () => 'working');
      if (depth === 1) return { leaves: 1, agents: 1 };
      const child = { depth: depth - 1, fanOut };
      const calls = Array.from({ length: fanOut }, () => context.serviceClient(agent).run(child));
      return sumOf(await RestatePromise.all(calls));
    },
  },
});

function sumOf(children) {
  const sum = { leaves: 0, agents: 1 };
  for (const { leaves, agents } of children) {
    sum.leaves += leaves;
    sum.agents += agents;
  }
  return sum;
}

createServer(createEndpointHandler({ services: [agent] })).listen(
  Number(process.argv[2]),
  '127.0.0.1',
);
