import type { DynamicModule } from '@nestjs/common';
import { AGENT_ROWS, type AgentRow } from '@skynet/contracts';
import {
  MemoryBroker,
  MemoryMessageBus,
  MemoryPayloadStore,
  MemoryStateStores,
  noAuditTrail,
  noTracing,
  systemClock,
  type AuditTrail,
  type Tracing,
} from '@skynet/platform';
import {
  AUDIT_TRAIL,
  CLOCK,
  createLogger,
  LOGGER,
  MESSAGE_BUS,
  PAYLOAD_STORE,
  PLATFORM_CHECKS,
  providedBy,
  STATE_STORES,
  TRACING,
} from '@skynet/platform/service';
import { EDGE } from '../edge/edge.js';
import { createMcpEdgeApplication } from '../mcp-edge-application.js';
import { readMcpEdgeConfig } from '../config/mcp-edge.config.js';
import { ScriptedOwner } from './scripted-owner.js';
import { AUDIENCE, ISSUER } from './test-issuer.js';

/** What replicas have in common. */
export interface Shared {
  readonly stores?: MemoryStateStores;
  readonly broker?: MemoryBroker;
  readonly audit?: AuditTrail;
  readonly tracing?: Tracing;
}

/** The whole service on a free port, over memory instead of NATS, with a scripted owner behind. */
export async function startEdge(
  jwksUrl: string,
  environment: Record<string, string> = {},
  shared: Shared = {},
) {
  const { stores = new MemoryStateStores(), broker = new MemoryBroker() } = shared;
  const { audit = noAuditTrail, tracing = noTracing } = shared;
  const logged: string[] = [];
  const log = createLogger({ level: 'debug', write: (line) => void logged.push(line) });
  const bus = new MemoryMessageBus(broker);
  const owner = new ScriptedOwner(bus);
  broker.consume('cmd.agents.*', (message) => owner.receive(message));
  const ports = [
    { provide: AUDIT_TRAIL, useValue: audit },
    { provide: MESSAGE_BUS, useValue: bus },
    { provide: STATE_STORES, useValue: stores },
    { provide: PAYLOAD_STORE, useValue: new MemoryPayloadStore() },
    { provide: CLOCK, useValue: systemClock },
    { provide: LOGGER, useValue: log },
    { provide: TRACING, useValue: tracing },
    { provide: PLATFORM_CHECKS, useValue: [] },
  ];
  const platform: DynamicModule = {
    global: true,
    module: class MemoryPlatform {},
    providers: ports,
    exports: ports.map(({ provide }) => provide),
  };
  const config = readMcpEdgeConfig({
    EDGE_ISSUER: ISSUER,
    EDGE_AUDIENCE: AUDIENCE,
    EDGE_JWKS_URL: jwksUrl,
    ...environment,
  });
  const application = await createMcpEdgeApplication(config, platform, log);
  await application.listen(0, '127.0.0.1');
  const rows = await stores.open<unknown>(AGENT_ROWS);
  const edge = providedBy(application, EDGE);
  return {
    url: await application.getUrl(),
    application,
    owner,
    broker,
    stores,
    bus,
    logged,
    openCalls: () => edge.openRequests.count,
    notices: () => edge.healthChecks.flatMap((check) => check.notice?.() ?? []),
    async project(row: AgentRow): Promise<void> {
      await rows.put(row.agentId, row);
      bus.hint(`view.agent.${row.agentId}`, { revision: row.revision, status: row.status });
    },
  };
}

export type RunningEdge = Awaited<ReturnType<typeof startEdge>>;
