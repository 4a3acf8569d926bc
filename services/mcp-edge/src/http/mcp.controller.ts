import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EDGE, type Edge } from '../edge.js';

@Controller('mcp')
export class McpController {
  constructor(@Inject(EDGE) private readonly edge: Edge) {}

  @All()
  async handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.hijack();
    await this.edge.endpoint.handle(request.raw, reply.raw);
  }
}
