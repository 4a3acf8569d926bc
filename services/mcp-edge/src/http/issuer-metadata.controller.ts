import { Controller, Get, Inject, Res } from '@nestjs/common';
import { errorCodes } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';
import { CLOCK } from '@skynet/platform/service';
import type { FastifyReply } from 'fastify';
import { issuerMetadata, ISSUER_METADATA_PATH } from '../access/issuer-metadata.js';
import { EDGE, type Edge } from '../edge/edge.js';

const ASK_AGAIN_MS = 10_000;

/** Strangers may ask as often as they like: the issuer is asked once in 10 s. */
@Controller()
export class IssuerMetadataController {
  private known: Promise<object | undefined> | undefined;
  private askedMs = 0;

  constructor(
    @Inject(EDGE) private readonly edge: Edge,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get([ISSUER_METADATA_PATH, `${ISSUER_METADATA_PATH}/*`])
  async read(@Res() reply: FastifyReply): Promise<void> {
    const metadata = await this.newest();
    if (metadata !== undefined) return void reply.send(metadata);
    const message = 'the issuer does not say where tokens are to be had';
    reply.code(503).send({ code: 'UNAVAILABLE', message, next: errorCodes.UNAVAILABLE });
  }

  private newest(): Promise<object | undefined> {
    const nowMs = this.clock.monotonicMs();
    if (this.known === undefined || nowMs - this.askedMs > ASK_AGAIN_MS) {
      this.askedMs = nowMs;
      this.known = issuerMetadata(this.edge.config);
    }
    return this.known;
  }
}
