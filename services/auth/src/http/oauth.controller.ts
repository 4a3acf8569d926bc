import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OidcServer } from '../tokens/oidc-server.js';

export const OIDC_SERVER = Symbol('OIDC_SERVER');

const ROUTES = [
  '.well-known/oauth-authorization-server',
  '.well-known/openid-configuration',
  'jwks',
  'token',
];

/** Lets through what is served; all other paths of the provider stay closed. */
@Controller()
export class OAuthController {
  constructor(@Inject(OIDC_SERVER) private readonly server: OidcServer) {}

  @All(ROUTES)
  async handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const listener = await this.server.listener();
    reply.hijack();
    await listener(request.raw, reply.raw);
  }
}
