import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@skynet/platform';
import { httpServers, NestLogger, providedBy, TRACING } from '@skynet/platform/service';
import type { AuthConfig } from './config/auth.config.js';
import { AuthModule, type AuthSurroundings } from './auth.module.js';
import { tracedRequests } from './http/request-trace.js';

/** The service, not listening yet. `platform`: the global module that provides the ports. */
export async function createAuthApplication(
  config: AuthConfig,
  platform: DynamicModule,
  { log, ...surroundings }: AuthSurroundings & { readonly log: Logger },
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter(httpServers(config.platform.http, log));
  const fastify = adapter.getInstance();
  // oidc-provider reads bodies itself.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _body, done) => done(null));
  const application = await NestFactory.create<NestFastifyApplication>(
    AuthModule.forRoot(config, platform, surroundings),
    adapter,
    {
      bodyParser: false,
      abortOnError: false,
      // What Nest tells about its start is for debugging.
      logger: new NestLogger({ ...log, info: (message, fields) => log.debug(message, fields) }),
    },
  );
  fastify.addHook('onRequest', tracedRequests(providedBy(application, TRACING)));
  return application;
}
