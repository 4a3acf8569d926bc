import type { ServerResponse } from 'node:http';
import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUTH, type Auth } from '../auth.js';
import { oauthRoutes } from '../tokens/oidc-configuration.js';
import { asIssuer } from './as-issuer.js';

const ROUTES = [
  '.well-known/oauth-authorization-server',
  '.well-known/openid-configuration',
  ...Object.values(oauthRoutes),
  // Where the library goes on after a person has answered.
  `${oauthRoutes.authorization}/:uid`,
  `${oauthRoutes.code_verification}/:uid`,
];

/** Lets through what is served; all other paths of the provider stay closed. */
@Controller()
export class OAuthController {
  constructor(@Inject(AUTH) private readonly auth: Auth) {}

  @All(ROUTES)
  async handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { listener } = await this.auth.server.serving();
    reply.hijack();
    asIssuer(request.raw, this.auth.config.issuer);
    if (await this.isTurnedAway(request, reply.raw)) return;
    await listener(request.raw, reply.raw);
  }

  private async isTurnedAway(request: FastifyRequest, response: ServerResponse): Promise<boolean> {
    const isRegistration =
      request.method === 'POST' && request.routeOptions.url === oauthRoutes.registration;
    if (!isRegistration) return false;
    const waitMs = await this.auth.limits.registrationWaitMs(request.raw);
    if (waitMs === 0) return false;
    const body = {
      error: 'temporarily_unavailable',
      error_description: 'too many clients were registered from your address, try again later',
    };
    response
      .writeHead(429, {
        'content-type': 'application/json',
        'retry-after': String(Math.ceil(waitMs / 1_000)),
      })
      .end(JSON.stringify(body));
    return true;
  }
}
