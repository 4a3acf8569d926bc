import { Queue, WaitingChildrenError, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const port = Number(process.argv[2]);
const connection = new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null });
const queue = new Queue('agents', { connection });
/** As many as a worker of ours. */
const concurrency = 64;

/** An agent: each step is stored in the job before the next, and a job that comes again goes on where it was. */
async function agent(job, token) {
  const { depth, fanOut } = job.data;
  const done = async (step) => job.updateData({ ...job.data, step });
  if (job.data.step === undefined) await done('model');
  if (job.data.step === 'model') await done('report_progress');
  if (depth === 1) return { leaves: 1, agents: 1 };
  if (job.data.step === 'report_progress') {
    await queue.addBulk(childrenOf(job, { depth: depth - 1, fanOut }));
    await done('spawned');
  }
  if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
  return sumOf(Object.values(await job.getChildrenValues()));
}

function childrenOf(job, data) {
  const parent = { id: job.id, queue: job.queueQualifiedName };
  return Array.from({ length: data.fanOut }, (_, index) => ({
    name: 'agent',
    data,
    opts: { parent, jobId: `${job.id}-${index}` },
  }));
}

function sumOf(children) {
  const sum = { leaves: 0, agents: 1 };
  for (const { leaves, agents } of children) {
    sum.leaves += leaves;
    sum.agents += agents;
  }
  return sum;
}

const worker = new Worker('agents', agent, { connection, concurrency });
worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
