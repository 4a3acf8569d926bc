import { AgentRuntime, PinBook, ToolBox } from '@skynet/agent-runtime';
import { commandEnvelopeSchema, REPLY_HEADER, type AgentCommandType } from '@skynet/contracts';
import { Schedule } from '@skynet/domain-scheduling';
import {
  noAuditTrail,
  noMetrics,
  noTracing,
  WorldError,
  type BusMessage,
  type Logger,
} from '@skynet/platform';
import { Scheduler } from '@skynet/scheduler';
import { SimModels } from '../doubles/sim-models.js';
import { SimTools } from '../doubles/sim-tools.js';
import type { SimDelivery } from '../ports/durable-queue.js';
import { SimBus } from '../ports/sim-bus.js';
import { SimEventStore } from '../ports/sim-event-store.js';
import type { SimProcess } from '../ports/sim-process.js';
import { SimStateStores } from '../ports/sim-state-stores.js';
import { SimWorkQueue } from '../ports/sim-work-queue.js';
import { simRegistry } from './sim-registry.js';
import type { Surroundings } from './surroundings.js';

const COMMANDS_AT_ONCE = 64;

const BUDGET = { tokens: 400_000, costMicroUsd: 100_000_000, seconds: 3_600 };

/** A program that runs in a process until it is stopped. */
export interface Program {
  /** Rejects when it can't begin. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** One replica of the agent runtime with all that `main` gives it. */
export function runtimeIn(process: SimProcess, world: Surroundings): Program {
  const { bus, clock, log, states, store } = portsOf(process, world);
  const registry = simRegistry();
  const tools = new SimTools(process, world);
  const runtime = new AgentRuntime(
    {
      ...{ bus, clock, log, states, store, registry },
      payloads: {
        put: (tenant, text) => process.call(() => world.payloads.put(tenant, text)),
        get: (tenant, ref) => process.call(() => world.payloads.get(tenant, ref)),
        getBytes: (tenant, ref) => process.call(() => world.payloads.getBytes(tenant, ref)),
        find: (tenant, sha256) => process.call(() => world.payloads.find(tenant, sha256)),
      },
      queue: new SimWorkQueue(world.network, process),
      providers: [new SimModels(process, world)],
      toolBox: new ToolBox(registry, new Map([[tools.name, tools]]), { clock, log }),
      pins: new PinBook(states, log),
      ...{ tracing: noTracing, metrics: noMetrics, audit: noAuditTrail },
      onBug: (error) => world.bug(process, error),
    },
    {
      slots: world.sizes.slots,
      modelAttempts: 3,
      maxWaitingTreesPerTenant: 100,
      retention: { afterMs: 0 },
      rootDefaults: { ...BUDGET, depth: 2, children: 6, descendants: 40 },
    },
    process.name,
  );
  const start = async () => {
    await runtime.start();
    const onMessage = (delivery: SimDelivery<BusMessage>) => {
      void carryOut(runtime, bus, delivery).finally(() => process.send(() => place.release()));
    };
    const place = world.network.commands.join({ process, free: COMMANDS_AT_ONCE, onMessage });
  };
  return { start, stop: () => runtime.stop() };
}

/** One replica of the scheduler. */
export function schedulerIn(process: SimProcess, world: Surroundings): Program {
  return new Scheduler(
    {
      ...portsOf(process, world),
      schedule: new Schedule(),
      ...{ tracing: noTracing, metrics: noMetrics, audit: noAuditTrail },
      onBug: (error) => world.bug(process, error),
    },
    { ...world.sizes, maxSchedulesPerTenant: 10 },
    process.name,
  );
}

function portsOf(process: SimProcess, world: Surroundings) {
  return {
    bus: new SimBus(world.network, process),
    clock: process.clock,
    log: loggerOf(process, world),
    states: new SimStateStores(world.states, process),
    store: new SimEventStore(world.log, process),
  };
}

/** As the consumer of commands does. */
async function carryOut(
  runtime: AgentRuntime,
  bus: SimBus,
  { message, deliveryCount, ack, nak }: SimDelivery<BusMessage>,
): Promise<void> {
  const envelope = commandEnvelopeSchema.parse(message.data);
  try {
    const reply = await runtime.commands.handle(envelope.type as AgentCommandType, envelope);
    const inbox = message.headers[REPLY_HEADER];
    if (reply !== undefined && inbox !== undefined) bus.reply(inbox, reply);
    ack();
  } catch (error) {
    if (error instanceof WorldError && error.retry === 'later') nak(100 * deliveryCount);
    else throw error;
  }
}

function loggerOf(process: SimProcess, world: Surroundings): Logger {
  const note = (level: string) => (message: string, fields?: object) => {
    world.note(process, `${level} ${message}`, fields);
  };
  const log: Logger = {
    debug: () => undefined,
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
    child: () => log,
  };
  return log;
}
