import type { IncomingHttpHeaders } from 'node:http';
import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EDGE, type Edge } from '../edge/edge.js';

/** Who takes anything takes both forms of an answer, of which the SDK wants the names. */
function acceptBoth(headers: IncomingHttpHeaders): void {
  const types = headers.accept?.split(',').map((type) => type.split(';')[0]?.trim()) ?? [];
  if (types.includes('*/*')) headers.accept = 'application/json, text/event-stream';
}

@Controller('mcp')
export class McpController {
  constructor(@Inject(EDGE) private readonly edge: Edge) {}

  @All()
  async handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.hijack();
    acceptBoth(request.raw.headers);
    await this.edge.endpoint.handle(request.raw, reply.raw);
  }
}
