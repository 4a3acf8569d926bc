import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';

const [, , address, namespace] = process.argv;

Runtime.install({ telemetryOptions: { logging: { filter: 'ERROR', forward: {} } } });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue: 'agents',
  workflowsPath: fileURLToPath(new URL('workflows.mjs', import.meta.url)),
  activities: { step: async (name) => name },
});
await worker.run();
