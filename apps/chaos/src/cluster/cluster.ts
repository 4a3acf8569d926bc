import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { rerouted, routeIn } from './reroute.js';
import { RouteProxies, type Cut } from './route-proxies.js';
import { asked, ServerControl } from './server-control.js';

/** Servers that have a leader: those of a stream, of each consumer of a stream, or of JetStream as a whole. */
export interface LedGroup {
  readonly of: 'stream' | 'consumers' | 'meta';
  /** Of the stream; a bucket `x` is the stream `KV_x`. */
  readonly name: string;
}

const START_LIMIT_MS = 60_000;

/** What can be done to several nats-servers, and not to one. */
export class Cluster {
  private constructor(
    private readonly stack: ChaosStack,
    private readonly operator: NatsConnection,
    private readonly control: ServerControl,
    private readonly proxies: RouteProxies,
  ) {}

  /** Starts the servers anew, with what they say to each other passing through here. */
  static async takeOver(stack: ChaosStack, operator: NatsConnection): Promise<Cluster> {
    const { servers, ready } = stack;
    const proxies = await rerouteAll(servers, ready.dataDir);
    stack.signal(servers, 'SIGKILL');
    await stack.whenUp(servers, START_LIMIT_MS);
    const cluster = new Cluster(stack, operator, await ServerControl.connect(ready), proxies);
    if (await cluster.whenCurrent(START_LIMIT_MS)) return cluster;
    await cluster.close();
    throw new Error('the servers did not find each other again');
  }

  /** Cuts a server off from the others, until `heal`. */
  cut(server: string, cut: Cut): void {
    this.proxies.cut(server, cut);
  }

  heal(): void {
    this.proxies.heal();
  }

  /** Kills a server, and leaves nothing of what it has kept. */
  async wipe(server: string): Promise<void> {
    const store = join(this.stack.ready.dataDir, server);
    // It is started again at any moment after it was killed.
    this.stack.signal([server], 'SIGSTOP');
    await rename(store, `${store}.wiped`);
    this.stack.signal([server], 'SIGKILL');
    await rm(`${store}.wiped`, { recursive: true, maxRetries: 3 });
  }

  /** Asks the leader to let another server lead; returns how many obeyed. */
  async stepDown({ of, name }: LedGroup): Promise<number> {
    if (of === 'meta') return Number(await this.control.stepDown());
    const asks =
      of === 'stream'
        ? [`$JS.API.STREAM.LEADER.STEPDOWN.${name}`]
        : (await this.#consumersOf(name)).map(
            (consumer) => `$JS.API.CONSUMER.LEADER.STEPDOWN.${name}.${consumer}`,
          );
    const answers = await Promise.all(asks.map((subject) => asked(this.operator, subject)));
    return answers.filter(Boolean).length;
  }

  /** Whether all servers have everything that the others have, within this time. */
  whenCurrent(limitMs: number): Promise<boolean> {
    return this.control.whenHealthy(this.stack.servers, limitMs);
  }

  async close(): Promise<void> {
    await this.control.close();
    this.proxies.close();
  }

  async #consumersOf(stream: string): Promise<string[]> {
    try {
      const manager = await jetstreamManager(this.operator, { checkAPI: false });
      const names: string[] = [];
      for await (const { name } of manager.consumers.list(stream)) names.push(name);
      return names;
    } catch {
      return [];
    }
  }
}

async function rerouteAll(servers: readonly string[], folder: string): Promise<RouteProxies> {
  const known = servers.map(async (name) => {
    const file = join(folder, `${name}-server.conf`);
    const configuration = await readFile(file, 'utf8');
    return { name, file, configuration, route: routeIn(configuration) };
  });
  const all = await Promise.all(known);
  const proxies = await RouteProxies.between(all);
  for (const { name, file, configuration } of all) {
    await writeFile(file, rerouted(configuration, proxies.addressesFor(name)));
  }
  return proxies;
}
