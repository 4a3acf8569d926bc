import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { DEFAULT_WORKER_CLASS, streams, subjects } from '@skynet/contracts';
import {
  AUDIT_TRAIL,
  CLOCK,
  DEAD_LETTERS,
  EVENT_STORE,
  HEALTH_CHECKS,
  HealthController,
  JetStreamWorkQueue,
  LOGGER,
  MESSAGE_BUS,
  METRICS,
  NATS_LINK,
  PAYLOAD_STORE,
  PLATFORM_CHECKS,
  STATE_STORES,
  TRACING,
  type AuditTrail,
  type Clock,
  type DeadLetters,
  type EventStore,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type Metrics,
  type NatsLink,
  type PayloadStore,
  type StateStores,
  type Tracing,
} from '@skynet/platform';
import { AGENT_RUNTIME, FATAL } from './agent-runtime-tokens.js';
import type { AgentRuntimeConfig } from './config/agent-runtime.config.js';
import { AgentRuntime } from './agent-runtime.js';
import { AGENT_COMMANDS } from './commands/agent-commands.js';
import { AgentsConsumer } from './commands/agents.consumer.js';
import { modelProviders } from './models/providers/model-providers.js';
import { RegistryFile } from './registry/registry-source.js';
import type { KnownSecrets } from './secrets/known-secrets.js';
import { createToolBox } from './tools/held/tool-servers.js';
import { PinBook } from './tools/pins/pin-book.js';

/** What the process does when it can't go on; it must not return. */
export type Fatal = (error: unknown) => void;

/** What only the process has. */
export interface ProcessMeans {
  readonly fatal: Fatal;
  /** Is told all secrets that come up. */
  readonly secrets: KnownSecrets;
}

/** The parts of the service over the ports of PlatformModule. */
@Module({})
export class AgentRuntimeModule {
  constructor(@Inject(AGENT_RUNTIME) readonly runtime: AgentRuntime) {}

  static forRoot(
    config: AgentRuntimeConfig,
    platform: DynamicModule,
    means: ProcessMeans,
  ): DynamicModule {
    return {
      module: AgentRuntimeModule,
      imports: [platform],
      controllers: [AgentsConsumer, HealthController],
      providers: [{ provide: FATAL, useValue: means.fatal }, ...providersOf(config, means)],
    };
  }
}

function providersOf(config: AgentRuntimeConfig, { secrets }: ProcessMeans): Provider[] {
  return [
    {
      provide: AGENT_RUNTIME,
      inject: [
        EVENT_STORE,
        STATE_STORES,
        PAYLOAD_STORE,
        MESSAGE_BUS,
        NATS_LINK,
        DEAD_LETTERS,
        CLOCK,
        LOGGER,
        TRACING,
        METRICS,
        AUDIT_TRAIL,
        FATAL,
      ],
      useFactory: (...parts: Parts) => createRuntime(config, parts, secrets),
    },
    {
      provide: AGENT_COMMANDS,
      inject: [AGENT_RUNTIME],
      useFactory: (runtime: AgentRuntime) => runtime.commands,
    },
    {
      provide: HEALTH_CHECKS,
      inject: [PLATFORM_CHECKS, AGENT_RUNTIME],
      useFactory: (platform: readonly HealthCheck[], runtime: AgentRuntime) => [
        ...platform,
        ...runtime.healthChecks,
      ],
    },
  ];
}

type Parts = [
  store: EventStore,
  states: StateStores,
  payloads: PayloadStore,
  bus: MessageBus,
  link: NatsLink,
  deadLetters: DeadLetters,
  clock: Clock,
  log: Logger,
  tracing: Tracing,
  metrics: Metrics,
  audit: AuditTrail,
  fatal: Fatal,
];

function createRuntime(
  config: AgentRuntimeConfig,
  parts: Parts,
  secrets: KnownSecrets,
): AgentRuntime {
  const [store, states, payloads, bus, link, deadLetters, clock, log, ...others] = parts;
  const [tracing, metrics, audit, onBug] = others;
  const { registryFile: path, secretsPath, toolServers } = config;
  const { environment } = toolServers;
  secrets.knowEnvironment(environment);
  const registry = new RegistryFile({ path, secretsPath, environment, clock, log });
  secrets.knowRegistry(registry.current);
  registry.onChange((changed) => secrets.knowRegistry(changed));
  const queue = new JetStreamWorkQueue(link, {
    stream: streams.runs,
    durable: DEFAULT_WORKER_CLASS,
    filter: subjects.allRuns(DEFAULT_WORKER_CLASS),
    deadLetters,
    log,
    clock,
    metrics,
  });
  const pins = new PinBook(states, log);
  const workerId = `${hostname()}-${randomUUID().slice(0, 8)}`;
  return new AgentRuntime(
    {
      store,
      states,
      payloads,
      bus,
      queue,
      providers: modelProviders({ ...config, secrets }, registry, clock),
      toolBox: createToolBox(registry, { ...toolServers, pins, clock, log, secrets }),
      pins,
      registry,
      clock,
      log,
      tracing,
      metrics,
      audit,
      onBug,
    },
    config,
    workerId,
  );
}
