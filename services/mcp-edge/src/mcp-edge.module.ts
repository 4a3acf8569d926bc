import { Inject, Module, type BeforeApplicationShutdown, type DynamicModule } from '@nestjs/common';
import {
  AUDIT_TRAIL,
  CLOCK,
  HEALTH_CHECKS,
  HealthController,
  LOGGER,
  MESSAGE_BUS,
  PAYLOAD_STORE,
  PLATFORM_CHECKS,
  STATE_STORES,
  type AuditTrail,
  type Clock,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type PayloadStore,
  TRACING,
  type StateStores,
  type Tracing,
} from '@skynet/platform';
import { assembleEdge, EDGE, type Edge } from './edge/edge.js';
import { IssuerMetadataController } from './http/issuer-metadata.controller.js';
import { McpController } from './http/mcp.controller.js';
import { ResourceMetadataController } from './http/resource-metadata.controller.js';
import type { McpEdgeConfig } from './config/mcp-edge.config.js';

const PORTS = [MESSAGE_BUS, STATE_STORES, PAYLOAD_STORE, CLOCK, LOGGER, TRACING, AUDIT_TRAIL];
type Ports = [MessageBus, StateStores, PayloadStore, Clock, Logger, Tracing, AuditTrail];

@Module({})
export class McpEdgeModule implements BeforeApplicationShutdown {
  constructor(@Inject(EDGE) private readonly edge: Edge) {}

  /** `platform`: the global module that provides the ports. */
  static forRoot(config: McpEdgeConfig, platform: DynamicModule): DynamicModule {
    return {
      module: McpEdgeModule,
      imports: [platform],
      controllers: [
        McpController,
        ResourceMetadataController,
        IssuerMetadataController,
        HealthController,
      ],
      providers: [
        {
          provide: EDGE,
          inject: PORTS,
          useFactory: (...[bus, stores, payloads, clock, log, tracing, audit]: Ports) =>
            assembleEdge(config, { bus, stores, payloads, clock, log, tracing, audit }),
        },
        {
          provide: HEALTH_CHECKS,
          inject: [PLATFORM_CHECKS, EDGE],
          useFactory: (platform: readonly HealthCheck[], edge: Edge) => [
            ...platform,
            ...edge.healthChecks,
          ],
        },
      ],
    };
  }

  /** While the HTTP server can still send the answers. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.edge.stop();
  }
}
