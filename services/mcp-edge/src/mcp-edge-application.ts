import 'reflect-metadata';
import { fstatSync } from 'node:fs';
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

/**
 * Takes connections: of the socket that the process has inherited, where there is one.
 *
 * @throws Error when that is none, or the port is taken
 */
export async function listen(
  application: NestFastifyApplication,
  { host, port, listenFd: fd }: Pick<McpEdgeConfig, 'host' | 'port' | 'listenFd'>,
): Promise<void> {
  if (fd !== undefined && !isSocket(fd)) {
    throw new Error(`EDGE_LISTEN_FD: ${fd} is no socket that this process has inherited`);
  }
  await (fd === undefined ? application.listen(port, host) : application.listen({ fd, host }));
}

/** Takes no further connections; those that wait in the socket are left to who inherits it next. Requests go on. */
export function stopListening(application: NestFastifyApplication): void {
  application.getHttpServer().close();
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false;
  }
}
