import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { DEFAULT_WORKER_CLASS, streams, subjects } from '@skynet/contracts';
import { JetStreamWorkQueue, type DeadLetters, type NatsLink } from '@skynet/platform/nats';
import {
  AUDIT_TRAIL,
  CLOCK,
  DEAD_LETTERS,
  EVENT_STORE,
  HEALTH_CHECKS,
  HealthController,
  LOGGER,
  MESSAGE_BUS,
  METRICS,
  NATS_LINK,
  PAYLOAD_STORE,
  PLATFORM_CHECKS,
  provide,
  STATE_STORES,
  TRACING,
} from '@skynet/platform/service';
import type { AgentRuntimeConfig } from './config/agent-runtime.config.js';
import { AgentRuntime, type AgentRuntimePorts } from './agent-runtime.js';
import { AgentCommands } from './commands/agent-commands.js';
import { AgentsConsumer } from './commands/agents.consumer.js';
import { fallbackModel } from './models/providers/default-model.js';
import { ModelCatalogue } from './models/model-catalogue.js';
import { modelProviders } from './models/providers/model-providers.js';
import type { Registry } from './registry/registry.config.js';
import { RegistryFile } from './registry/registry-source.js';
import type { KnownSecrets } from './secrets/known-secrets.js';
import { createToolBox } from './tools/held/tool-servers.js';
import { ServerLogins } from './tools/logins/server-logins.js';
import { PinBook } from './tools/pins/pin-book.js';
import { reportSummarisers } from './spec/named-summarisers.js';

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
  constructor(@Inject(AgentRuntime) readonly runtime: AgentRuntime) {}

  static forRoot(
    config: AgentRuntimeConfig,
    platform: DynamicModule,
    means: ProcessMeans,
  ): DynamicModule {
    return {
      module: AgentRuntimeModule,
      imports: [platform],
      controllers: [AgentsConsumer, HealthController],
      providers: providersOf(config, means),
    };
  }
}

const PORTS = {
  store: EVENT_STORE,
  states: STATE_STORES,
  payloads: PAYLOAD_STORE,
  bus: MESSAGE_BUS,
  link: NATS_LINK,
  deadLetters: DEAD_LETTERS,
  clock: CLOCK,
  log: LOGGER,
  tracing: TRACING,
  metrics: METRICS,
  audit: AUDIT_TRAIL,
};

function providersOf(config: AgentRuntimeConfig, means: ProcessMeans): Provider[] {
  return [
    provide(AgentRuntime, PORTS, (ports) => createRuntime(config, ports, means)),
    provide(AgentCommands, { runtime: AgentRuntime }, ({ runtime }) => runtime.commands),
    provide(
      HEALTH_CHECKS,
      { platform: PLATFORM_CHECKS, runtime: AgentRuntime },
      ({ platform, runtime }) => [...platform, ...runtime.healthChecks],
    ),
  ];
}

/** What the runtime's own ports are made of, beside those that are as the platform provides them. */
type Ports = Omit<
  AgentRuntimePorts,
  'queue' | 'providers' | 'toolBox' | 'pins' | 'logins' | 'registry' | 'onBug'
> & {
  readonly link: NatsLink;
  readonly deadLetters: DeadLetters;
};

function createRuntime(
  config: AgentRuntimeConfig,
  { link, deadLetters, ...ports }: Ports,
  { fatal: onBug, secrets }: ProcessMeans,
): AgentRuntime {
  const { states, clock, log, metrics } = ports;
  const { registryFile: path, toolServers } = config;
  const { environment } = toolServers;
  const fallback = fallbackModel(config);
  secrets.knowEnvironment({
    ...environment,
    // It may have come in a file.
    ANTHROPIC_API_KEY: config.anthropic?.apiKey.reveal(),
  });
  const registry = new RegistryFile({ ...config, path, environment, fallback, clock, log });
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
  const folder = toolServers.loginsFolder;
  const logins = new ServerLogins({ folder, clock, log, secrets });
  const workerId = `${hostname()}-${randomUUID().slice(0, 8)}`;
  const providers = modelProviders({ ...config, secrets }, registry, clock);
  const models = new ModelCatalogue(providers, registry);
  const report = (read: Registry) => void reportSummarisers(read, models, log);
  report(registry.current);
  registry.onChange(report);
  return new AgentRuntime(
    {
      ...ports,
      queue,
      providers,
      toolBox: createToolBox(registry, { ...toolServers, pins, logins, clock, log, secrets }),
      pins,
      logins,
      registry,
      onBug,
    },
    config,
    workerId,
  );
}
