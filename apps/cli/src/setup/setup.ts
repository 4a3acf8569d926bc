import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { writeAuditRegistry } from '../demo/audit-registry.js';
import { prepareDeployment } from '../stack/deployment.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { clusterSize } from '../command/option-values.js';
import { agentPage, writeJaegerFiles } from './jaeger-files.js';
import { clusterOf, copiesAdvice, urlsOf, type ClusterOptions } from './setup-cluster.js';

interface SetupOptions extends ClusterOptions {
  readonly natsListen: string;
  readonly natsMonitor: string;
  readonly natsStore: string;
  readonly mcp: string;
  readonly auth: string;
  readonly syncAlways?: boolean;
  readonly demo?: string;
  readonly redis?: string;
  readonly agentPage?: string;
}

export function addSetup(program: Command, surroundings: Surroundings): void {
  program
    .command('setup')
    .summary('write the secrets and settings of a deployment')
    .description(
      'Writes below the folder what each part of a deployment must be given: keys, the configuration of nats-server, ' +
        'the operator’s client. What is there stays, so it is safe to repeat. docker-compose.yml runs it first.',
    )
    .argument('<folder>', 'one folder below it for each part')
    .option('--nats-listen <host:port>', 'where nats-server listens', '0.0.0.0:4222')
    .option('--nats-monitor <host:port>', 'where it answers health checks', '0.0.0.0:8222')
    .option('--nats-store <folder>', 'where it keeps everything', '/data')
    .option(
      '--nats <url>',
      'where services reach it (default: nats://nats:4222, or each of the hosts)',
    )
    .option('--mcp <url>', 'where the operator’s tools reach the edge', 'http://mcp-edge:7510/mcp')
    .option('--auth <url>', 'where they reach auth', 'http://auth:7511')
    .option(
      '--servers <n>',
      'configurations of one cluster: 3 or 5 (default: one server)',
      clusterSize,
    )
    .option('--hosts <names>', 'where they reach each other, by commas (default: nats,nats2,nats3)')
    .option(
      '--route-tls-ca <file>',
      'authority of the servers’ certificates, as each server sees it',
    )
    .option('--route-tls-cert <file>', 'its certificate (default: made, when openssl is here)')
    .option('--route-tls-key <file>', 'the key of that')
    .option('--sync-always', 'sync every append to disk: nats-server 2.12.15 or 2.14.5')
    .option('--redis <host:port>', 'make a password for Redis, which services reach there')
    .option(
      '--agent-page <url>',
      'where ids of agents in Jaeger lead, with {agentId} in it (default: a search in Jaeger)',
      agentPage,
    )
    .option('--demo <project>', 'let the runtime know the demo, which audits this project')
    .action((folder: string, options: SetupOptions) =>
      surroundings.run(setup(folder, options, surroundings)),
    );
}

async function setup(folder: string, options: SetupOptions, { terminal }: Surroundings): Work {
  const path = resolve(folder);
  const cluster = await clusterOf(options);
  await prepareDeployment(path, {
    ...options,
    nats: urlsOf(options, cluster),
    cluster,
    edgeHealth: new URL('/health/ready', options.mcp).href,
    syncAlways: options.syncAlways === true,
    writeRegistry: options.demo === undefined ? undefined : demoRegistry(resolve(options.demo)),
  });
  await writeJaegerFiles(path, options.agentPage);
  terminal.print(`prepared ${path}`);
  terminal.note(`before services start: skynet log upgrade --data ${join(path, 'operator')}`);
  if (cluster !== undefined) copiesAdvice(cluster).forEach(terminal.note);
  return exitCodes.ok;
}

function demoRegistry(project: string) {
  return (folder: string) => writeAuditRegistry(folder, { folder: project });
}
