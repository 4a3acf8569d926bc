import type { IncomingMessage } from 'node:http';
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { AuthInfo } from '@modelcontextprotocol/server';
import { errorCodes } from '@skynet/contracts';
import { attachmentName } from '@skynet/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../access/request-guard.js';
import type { NoAttachment } from '../attachments/attachment-door.js';
import { contentDisposition } from '../attachments/content-disposition.js';
import { EDGE, type Edge } from '../edge/edge.js';

type KnownRequest = IncomingMessage & { readonly auth?: AuthInfo };
type Named = FastifyRequest<{ Params: { id: string }; Querystring: { name?: unknown } }>;

/** Files go beside MCP, whose messages are bounded. */
@Controller('attachments')
export class AttachmentsController {
  constructor(@Inject(EDGE) private readonly edge: Edge) {}

  @Post()
  async take(@Req() request: Named, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const raw: KnownRequest = request.raw;
    const mediaType = request.headers['content-type'];
    const said = { mediaType, name: nameIn(request) };
    const taken = await this.edge.attachments.take(raw, callerOf(raw.auth), said);
    return 'status' in taken ? refuse(reply, taken) : reply.code(201).send(taken);
  }

  @Get(':id')
  async give(@Req() request: Named, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const { id } = request.params;
    const raw: KnownRequest = request.raw;
    const to = { response: reply.raw, ifNoneMatch: request.headers['if-none-match'] };
    const found = await this.edge.attachments.find(id, callerOf(raw.auth), to);
    if (found !== 'not modified' && 'status' in found) return refuse(reply, found);
    void reply.headers({
      etag: `"${id}"`,
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    if (found === 'not modified') return reply.code(304).send();
    return reply
      .headers({
        'content-type': found.mediaType,
        'content-disposition': contentDisposition(attachmentName(nameIn(request))),
      })
      .send(found.bytes);
  }
}

function nameIn({ query: { name } }: Named): string | undefined {
  return typeof name === 'string' ? name : undefined;
}

function refuse(reply: FastifyReply, { status, refused }: NoAttachment): FastifyReply {
  const { code, message, next = errorCodes[code], retryAfterMs } = refused;
  if (retryAfterMs !== undefined) void reply.header('retry-after', Math.ceil(retryAfterMs / 1_000));
  // What else the sender has under way belongs to no request.
  if (status === 413 || status === 400) void reply.header('connection', 'close');
  return reply.code(status).send({ code, message, next, retryAfterMs });
}
