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
  provide,
  STATE_STORES,
  TRACING,
} from '@skynet/platform/service';
import { assembleEdge, EDGE, type Edge } from './edge/edge.js';
import { AttachmentsController } from './http/attachments.controller.js';
import { IssuerMetadataController } from './http/issuer-metadata.controller.js';
import { McpController } from './http/mcp.controller.js';
import { ResourceMetadataController } from './http/resource-metadata.controller.js';
import type { McpEdgeConfig } from './config/mcp-edge.config.js';

const PORTS = {
  bus: MESSAGE_BUS,
  stores: STATE_STORES,
  payloads: PAYLOAD_STORE,
  clock: CLOCK,
  log: LOGGER,
  tracing: TRACING,
  audit: AUDIT_TRAIL,
};

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
        AttachmentsController,
        ResourceMetadataController,
        IssuerMetadataController,
        HealthController,
      ],
      providers: [
        provide(EDGE, PORTS, (ports) => assembleEdge(config, ports)),
        provide(HEALTH_CHECKS, { platform: PLATFORM_CHECKS, edge: EDGE }, (parts) => [
          ...parts.platform,
          ...parts.edge.healthChecks,
        ]),
      ],
    };
  }

  /** While the HTTP server can still send the answers. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.edge.stop();
  }
}
