import { Controller, Get, Inject } from '@nestjs/common';
import {
  resourceMetadata,
  WELL_KNOWN_PATH,
  type ResourceMetadata,
} from '../access/resource-metadata.js';
import { EDGE, type Edge } from '../edge/edge.js';

/** At the root and in the path form, wherever a proxy has put /mcp. */
@Controller()
export class ResourceMetadataController {
  private readonly metadata: ResourceMetadata;

  constructor(@Inject(EDGE) { config }: Edge) {
    this.metadata = resourceMetadata(config.audience, config.issuer);
  }

  @Get([WELL_KNOWN_PATH, `${WELL_KNOWN_PATH}/*`])
  read(): ResourceMetadata {
    return this.metadata;
  }
}
