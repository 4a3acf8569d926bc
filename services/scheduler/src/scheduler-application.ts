import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@skynet/platform';
import { httpServers, NestLogger } from '@skynet/platform/service';
import type { SchedulerConfig } from './scheduler.config.js';
import { SchedulerModule } from './scheduler.module.js';

/** The service, not listening yet. `platform`: the global module that provides the ports. */
export function createSchedulerApplication(
  config: SchedulerConfig,
  platform: DynamicModule,
  { log, fatal }: { readonly log: Logger; readonly fatal: (error: unknown) => void },
): Promise<NestFastifyApplication> {
  return NestFactory.create<NestFastifyApplication>(
    SchedulerModule.forRoot(config, platform, fatal),
    new FastifyAdapter(httpServers(config.platform.http, log)),
    {
      abortOnError: false,
      logger: new NestLogger({ ...log, info: (message, fields) => log.debug(message, fields) }),
    },
  );
}
