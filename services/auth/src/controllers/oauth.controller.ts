import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AUTH, type Auth } from '../auth/auth.js';
import { actAtDoor } from '../recording/door-acts.js';
import { oauthRoutes } from '../routes/oauth-routes.js';
import { asIssuer } from '../http/as-issuer.js';
import { strangersAreStopped } from '../http/strangers-door.js';

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
    const { server, registrationDoor, config } = this.auth;
    const { listener } = await server.serving();
    reply.hijack();
    asIssuer(request.raw, config.issuer);
    const { url: route } = request.routeOptions;
    const isRegistration = route === oauthRoutes.registration;
    const isStopped =
      (await strangersAreStopped(this.auth.limits, route, request.raw, reply.raw)) ||
      (isRegistration && (await registrationDoor?.answers(request.raw, reply.raw)) === true);
    if (!isStopped) return listener(request.raw, reply.raw);
    const { audit, limits } = this.auth;
    const stopped = actAtDoor(route, reply.raw.statusCode);
    // Nobody waits for it: strangers must not be held up by a store that is away, nor hold anything.
    if (stopped) void audit.record({ ...stopped, address: limits.addressOf(request.raw) });
  }
}
