import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { streams, subjects } from '@skynet/contracts';
import type { Logger } from '@skynet/platform';
import {
  DEAD_LETTERS,
  httpServers,
  METRICS,
  JetStreamStrategy,
  NATS_LINK,
  NestLogger,
  providedBy,
} from '@skynet/platform/service';
import type { AgentRuntimeConfig } from './config/agent-runtime.config.js';
import { AgentRuntimeModule, type ProcessMeans } from './agent-runtime.module.js';

const DURABLE = 'agent-runtime';
/** Commands handled at once by one replica. */
const CONCURRENCY = 256;

/** The service, not listening yet. `platform`: the global module that provides the ports. */
export async function createAgentRuntimeApplication(
  config: AgentRuntimeConfig,
  platform: DynamicModule,
  { log, ...means }: ProcessMeans & { readonly log: Logger },
): Promise<NestFastifyApplication> {
  const application = await NestFactory.create<NestFastifyApplication>(
    AgentRuntimeModule.forRoot(config, platform, means),
    new FastifyAdapter(httpServers(config.platform.http, log)),
    {
      abortOnError: false,
      logger: new NestLogger({ ...log, info: (message, fields) => log.debug(message, fields) }),
    },
  );
  application.connectMicroservice<MicroserviceOptions>({
    strategy: new JetStreamStrategy(providedBy(application, NATS_LINK), {
      stream: streams.commands,
      durable: DURABLE,
      filter: subjects.allCommands('agents'),
      concurrency: CONCURRENCY,
      deadLetters: providedBy(application, DEAD_LETTERS),
      log,
      metrics: providedBy(application, METRICS),
    }),
  });
  return application;
}
