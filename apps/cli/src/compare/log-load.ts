import { agentIdSchema, streamNames } from '@skynet/contracts';
import type { EventStore, NewEvent } from '@skynet/platform';
import type { CliConfig } from '../command/cli.config.js';
import { openLog } from '../connection/operator-log.js';
import { startStack } from '../stack/stack.js';
import { makeStores } from '../upgrading/make-stores.js';
import { median } from './figures.js';
import { inLanes } from './tree-phases.js';

const APPENDS_PER_AGENT = 4;
const LANES = 256;
const READS = 200;
const PADDING = 'x'.repeat(200);

/**
 * Median ms of the load of one agent, of four appends each, at each of these sizes of the log: on a nats-server alone,
 * so that nothing but the store is measured. Sizes rise.
 */
export async function loadAt(
  sizes: readonly number[],
  config: CliConfig,
  signal: AbortSignal,
): Promise<number[]> {
  const stack = await startStack(
    config,
    {
      ports: 'free',
      replicas: { edges: 1, runtimes: 1, schedulers: 1 },
      restart: false,
      storeOnly: true,
      onChange: () => undefined,
    },
    signal,
  );
  try {
    await makeStores(stack.connection, config.environment);
    const stores = await openLog(stack.connection, config.environment);
    try {
      return await fillAndLoad(stores.eventStore, sizes, signal);
    } finally {
      await stores.close();
    }
  } finally {
    await stack.stop();
  }
}

async function fillAndLoad(
  store: EventStore,
  sizes: readonly number[],
  signal: AbortSignal,
): Promise<number[]> {
  const loads: number[] = [];
  let agents = 0;
  for (const size of sizes) {
    const missing = Math.ceil(size / APPENDS_PER_AGENT) - agents;
    const first = agents;
    await inLanes(missing, LANES, async (index) => {
      signal.throwIfAborted();
      await appendAgent(store, first + index);
    });
    agents += missing;
    loads.push(await medianLoad(store, agents));
  }
  return loads;
}

async function medianLoad(store: EventStore, agents: number): Promise<number> {
  const tookMs: number[] = [];
  for (let read = 0; read < READS; read += 1) {
    const agent = Math.floor((read * agents) / READS);
    const startMs = performance.now();
    await store.read(streamOf(agent));
    tookMs.push(performance.now() - startMs);
  }
  return median(tookMs);
}

async function appendAgent(store: EventStore, agent: number): Promise<void> {
  for (let append = 0; append < APPENDS_PER_AGENT; append += 1) {
    const event = eventOf(agent, append);
    await store.append(streamOf(agent), [event], append === 0 ? 'no-stream' : append - 1);
  }
}

function eventOf(agent: number, append: number): NewEvent {
  const id = idOf(agent, 1 + append);
  return {
    id,
    type: 'Measured',
    version: 1,
    timeMs: 0,
    data: { padding: PADDING },
    metadata: {
      correlationId: idOf(agent, 0),
      causationId: id,
      tenant: 'local',
      principal: 'bench',
      epoch: 1,
      commit: { id, index: 0, size: 1 },
    },
  };
}

function streamOf(agent: number): string {
  return streamNames.agent(agentIdSchema.parse(idOf(agent, 0)));
}

function idOf(agent: number, append: number): string {
  return `01900000-0000-7000-8000-${String(append).padStart(2, '0')}${String(agent).padStart(10, '0')}`;
}
