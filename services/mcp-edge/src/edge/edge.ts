import { AGENT_ROWS, AGENT_ROWS_POINTER, type RevocableClaims } from '@skynet/contracts';
import {
  LiveBucket,
  type AuditTrail,
  type Clock,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type PayloadStore,
  type StateStores,
  type Tracing,
} from '@skynet/platform';
import { token, type Token } from '@skynet/platform/service';
import { OpenRequests } from '../access/open-requests.js';
import { RequestGuard } from '../access/request-guard.js';
import { RequestRates } from '../access/request-rates.js';
import { RevocationFeed } from '../access/revocation-feed.js';
import { TokenVerifier } from '../access/token-verifier.js';
import { AttachmentDoor } from '../attachments/attachment-door.js';
import { CommandSender } from '../commands/command-sender.js';
import { edgeHealthChecks } from '../health/edge-readiness.js';
import type { McpEdgeConfig } from '../config/mcp-edge.config.js';
import { McpEndpoint } from '../mcp/mcp-endpoint.js';
import { TemplatePrompts } from '../mcp/template-prompts.js';
import { TreeTraces } from '../mcp/tree-traces.js';
import { CallRecords } from '../recording/call-record.js';
import { RefusedMessages } from '../recording/refused-messages.js';
import { allTools } from './all-tools.js';
import { ViewQueries } from '../views/view-queries.js';

export const EDGE: Token<Edge> = token('EDGE');

export interface EdgePorts {
  readonly bus: MessageBus;
  readonly stores: StateStores;
  readonly payloads: PayloadStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracing: Tracing;
  readonly audit: AuditTrail;
}

/** The edge without its HTTP server. */
export interface Edge {
  readonly config: McpEdgeConfig;
  readonly endpoint: McpEndpoint;
  readonly guard: RequestGuard;
  readonly attachments: AttachmentDoor;
  readonly openRequests: OpenRequests;
  readonly healthChecks: readonly HealthCheck[];
  /** Answers the calls under way and takes no more; call it before the HTTP server closes. */
  stop(): Promise<void>;
}

export async function assembleEdge(config: McpEdgeConfig, ports: EdgePorts): Promise<Edge> {
  const { bus, stores, payloads, clock, log, tracing, audit } = ports;
  const live = new LiveBucket(stores, { pointer: AGENT_ROWS_POINTER, initial: AGENT_ROWS });
  await live.start();
  const rows = { get: async (key: string) => (await live.open<unknown>()).get(key) };
  const sender = new CommandSender(bus, clock, log, tracing);
  const queries = new ViewQueries(bus, clock);
  const rates = new RequestRates({ ...config, clock });
  const openRequests = new OpenRequests();
  const isRevoked = (claims: RevocableClaims) => revocations.revokes(claims);
  const revocations = new RevocationFeed({ stores, clock, log }, () =>
    openRequests.endThoseOf(isRevoked),
  );
  await revocations.start();
  const verifier = new TokenVerifier({ ...config, clock, isRevoked });
  const { operatorTenant } = config;
  const tools = allTools({ bus, rows, payloads, sender, queries, clock, log, operatorTenant });
  const { audience, bodyLimitBytes, messageBounds, jaegerUrl, platform } = config;
  const isTraced = platform.telemetry.traces.otlp !== undefined;
  const records = new CallRecords(audit, clock);
  const endpoint = new McpEndpoint({
    ...{ tools, bodyLimitBytes, messageBounds, rates, records },
    prompts: new TemplatePrompts(queries),
    ...{ audience, bus, log, tracing },
    refused: new RefusedMessages(audit),
    traces: new TreeTraces({ isTraced, jaegerUrl }, { queries, log }),
  });
  return {
    config,
    endpoint,
    guard: new RequestGuard({ ...config, verifier, rates, openRequests, audit }),
    attachments: new AttachmentDoor({ payloads, audit, clock, log }),
    openRequests,
    healthChecks: [
      ...edgeHealthChecks(queries, verifier),
      sender.healthCheck,
      revocations.healthCheck,
    ],
    async stop() {
      await endpoint.stop();
      await live.stop();
      await revocations.stop();
      sender.close();
    },
  };
}
