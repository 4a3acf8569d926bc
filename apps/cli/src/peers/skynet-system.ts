import { randomUUID } from 'node:crypto';
import { SkynetClient, spawnAndWait, waitForEnd, type AgentResult } from '@skynet/client';
import { getAgentResultTool, spawnAgentTool } from '@skynet/contracts';
import { z } from 'zod';
import { openCommitCounter, type CommitCounter } from '../bench/commit-counter.js';
import type { CliConfig } from '../command/cli.config.js';
import { renewStored } from '../connection/connection.js';
import type { StoredConnection } from '../connection/connection-file.js';
import { Trouble } from '../ending/trouble.js';
import { versionText } from '../nats/nats-version.js';
import { startStack, type RunningStack } from '../stack/stack.js';
import type { BenchedSystem, TakenTree, Tenant, TreeAnswer, TreeShape } from './benched-system.js';
import { connectSecondTenant } from './second-tenant.js';

/** Ours, with what only it can tell. */
export interface SkynetSystem extends BenchedSystem {
  readonly commits: CommitCounter;
  readonly client: SkynetClient;
  readonly connection: StoredConnection;
}

export interface SkynetWishes {
  /** Once it is aborted the stack is ended. */
  readonly signal: AbortSignal;
  /** Default: a temporary one. */
  readonly dataFolder?: string;
}

const ONE_OF_EACH = { edges: 1, runtimes: 1, schedulers: 1 };
/** With what it says of failures, for who reads of a wrong one. */
const answerSchema = z.looseObject({ leaves: z.number(), agents: z.number() });

/** What keeps one client or tenant from taking all is far above what people need, and below what a bench does. */
const UNLIMITED = {
  EDGE_RATE_PER_SECOND: '100000',
  EDGE_RATE_BURST: '100000',
  SCHEDULER_MAX_LIVE_PER_TENANT: '100000',
};

/** One of each service and one nats-server, with the settings that `skynet up` gives them. */
export async function startSkynet(
  config: CliConfig,
  { signal, dataFolder }: SkynetWishes,
): Promise<SkynetSystem> {
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  const stack = await startStack(
    { ...config, environment: { ...config.environment, ...UNLIMITED } },
    {
      ports: 'free',
      replicas: ONE_OF_EACH,
      metrics: 'free',
      restart: false,
      dataFolder,
      onChange: ({ process, detail }) => broken.reject(new Trouble(`${process} ${detail}.`)),
    },
    signal,
  );
  signal.addEventListener('abort', () => broken.reject(signal.reason), { once: true });
  try {
    return await systemOf(stack, config, { signal, broken: broken.promise });
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

interface Limits {
  readonly signal: AbortSignal;
  readonly broken: Promise<never>;
}

async function systemOf(
  stack: RunningStack,
  { environment }: CliConfig,
  { signal, broken }: Limits,
): Promise<SkynetSystem> {
  const { connection, natsServer } = stack;
  const client = await SkynetClient.connect({
    ...connection,
    source: 'this command',
    renew: () => renewStored(connection),
  });
  const commits = await openCommitCounter(connection, environment);
  let second: Promise<SkynetClient> | undefined;
  const clientOf = (tenant: Tenant) =>
    tenant === 'first' ? client : (second ??= connectSecondTenant(connection, signal));
  const orBroken = <Result>(work: Promise<Result>) => Promise.race([work, broken]);
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= close());
  const close = async () => {
    signal.removeEventListener('abort', onAbort);
    await client.close();
    await (await second?.catch(() => undefined))?.close();
    await commits.close();
    await stack.stop();
  };
  const onAbort = () => void stop();
  signal.addEventListener('abort', onAbort);
  return {
    name: 'Skynet',
    version: `this checkout, nats-server ${versionText(natsServer.version)}`,
    durability: 'JetStream file: a crash of any process loses nothing, a loss of power up to 2 min',
    client,
    commits,
    connection,
    pids: () => stack.pids(),
    submit: async (shape, tenant = 'first') =>
      orBroken(submit(await clientOf(tenant), shape, orBroken)),
    run: async (shape, tenant = 'first') => {
      const result = await orBroken(spawnAndWait(await clientOf(tenant), spawnOf(shape)));
      return { answer: () => Promise.resolve(answerOf(result)) };
    },
    stop,
  };
}

async function submit(
  client: SkynetClient,
  shape: TreeShape,
  orBroken: <Result>(work: Promise<Result>) => Promise<Result>,
): Promise<TakenTree> {
  const { agentId } = await client.call(spawnAgentTool, spawnOf(shape));
  return {
    ended: async () => void (await orBroken(waitForEnd(client, agentId))),
    answer: async () => answerOf(await orBroken(client.call(getAgentResultTool, { agentId }))),
  };
}

function spawnOf(shape: TreeShape) {
  return {
    task: { description: JSON.stringify(shape) },
    model: { id: 'scripted:tree' },
    idempotencyKey: randomUUID(),
  };
}

function answerOf({ agentId, status, output }: AgentResult): TreeAnswer {
  if (output === '') throw new Trouble(`Agent ${agentId} is ${status}.`);
  return answerSchema.parse(JSON.parse(output));
}
