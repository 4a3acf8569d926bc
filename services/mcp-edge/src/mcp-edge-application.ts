import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@skynet/platform';
import { httpServers, NestLogger, providedBy } from '@skynet/platform/service';
import { EDGE } from './edge/edge.js';
import { NotFoundFilter } from './http/not-found-filter.js';
import type { McpEdgeConfig } from './config/mcp-edge.config.js';
import { McpEdgeModule } from './mcp-edge.module.js';

/** The service, not listening yet. `platform`: the global module that provides the ports. */
export async function createMcpEdgeApplication(
  config: McpEdgeConfig,
  platform: DynamicModule,
  log: Logger,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    ...httpServers(config.platform.http, log),
    routerOptions: { ignoreTrailingSlash: true },
  });
  const fastify = adapter.getInstance();
  // The SDK reads bodies itself: it bounds them and answers malformed ones in JSON-RPC.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _body, done) => done(null));
  const application = await NestFactory.create<NestFastifyApplication>(
    McpEdgeModule.forRoot(config, platform),
    adapter,
    {
      bodyParser: false,
      abortOnError: false,
      // What Nest tells about its start is for debugging.
      logger: new NestLogger({ ...log, info: (message, fields) => log.debug(message, fields) }),
    },
  );
  application.useGlobalFilters(new NotFoundFilter());
  const { guard } = providedBy(application, EDGE);
  fastify.addHook('onRequest', (request, reply) => guard.admit(request, reply));
  return application;
}
