import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestLogger, type Clock, type Logger } from '@skynet/platform';
import type { AuthConfig } from './auth.config.js';
import { AuthModule } from './auth.module.js';

/** The service, not listening yet. */
export async function createAuthApplication(
  config: AuthConfig,
  log: Logger,
  clock: Clock,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter();
  const fastify = adapter.getInstance();
  // oidc-provider reads bodies itself.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _body, done) => done(null));
  return NestFactory.create<NestFastifyApplication>(
    AuthModule.forRoot(config, log, clock),
    adapter,
    {
      bodyParser: false,
      abortOnError: false,
      // What Nest tells about its start is for debugging.
      logger: new NestLogger({ ...log, info: (message, fields) => log.debug(message, fields) }),
    },
  );
}
