import { parseArgs } from 'node:util';
import { startEventStoreDouble } from './event-store-double.js';

/*
 * The double as a process: `node libs/testing/dist/eventstoredb/main.js --port 2113 --data FILE [--host HOST]`. Prints
 * its connection string when it takes calls, and ends with SIGTERM or SIGINT. Whoever has forked it is told what it has
 * served for each message, and ends it by going away.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '2113' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string' },
  },
});
const double = await startEventStoreDouble({
  port: Number(values.port),
  host: values.host,
  ...(values.data !== undefined && { file: values.data }),
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    double.stop();
    if (process.connected) process.disconnect();
  });
}
process.on('message', () => process.send?.(double.served));
process.once('disconnect', () => double.stop());
// Last: whoever reads it may end this process at once.
process.stdout.write(`${double.connectionString}\n`);
