import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../suites/eventually.js';
import { freePort } from './free-port.js';
import { runNatsServer, type RunningNatsServer } from './nats-server-process.js';
import { end, pause } from './server-process.js';

/** One server of a cluster. */
export interface NatsClusterMember {
  readonly name: string;
  readonly url: string;
  /** Ends the process as a crash does (SIGKILL) and keeps the store. Safe to repeat. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and store; resolves when it accepts clients. */
  restart(): Promise<void>;
  /** Stops the process (SIGSTOP): it hangs, with its connections open. Resolves when it does. */
  pause(): Promise<void>;
  resume(): void;
}

/** Three real nats-servers with JetStream, as one cluster on 127.0.0.1. */
export interface NatsCluster {
  /** All servers, separated by commas, as NATS_URL takes them. */
  readonly url: string;
  readonly members: readonly NatsClusterMember[];
  /** Resolves when every server says that it is healthy: its streams are current. */
  healthy(): Promise<void>;
  /** Ends the processes and deletes their stores. Safe to repeat. */
  stop(): Promise<void>;
}

const SIZE = 3;
const HEALTHY_LIMIT_MS = 30_000;

interface Plan {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly configuration: string;
  readonly monitor: number;
}

/** Starts the servers and resolves when the cluster has a leader and every one is healthy. */
export async function startNatsCluster(): Promise<NatsCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'skynet-nats-cluster-'));
  const plans = await planned(folder);
  const members = plans.map((plan) => new Member(plan));
  const stop = async () => {
    await Promise.all(members.map((member) => member.kill()));
    rmSync(folder, { recursive: true, force: true });
  };
  const healthy = async () => {
    await Promise.all(plans.map(({ monitor }) => isHealthy(monitor)));
  };
  try {
    await Promise.all(members.map((member) => member.restart()));
    await healthy();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: members.map(({ url }) => url).join(','), members, healthy, stop };
}

async function planned(folder: string): Promise<Plan[]> {
  const ports = [];
  while (ports.length < SIZE) ports.push(await threePorts());
  const routes = ports.map(({ route }) => `nats://127.0.0.1:${route}`).join(', ');
  return ports.map(({ port, route, monitor }, index) => {
    const name = `n${index + 1}`;
    const own = join(folder, name);
    mkdirSync(own);
    const cluster = `{ name: test, listen: "127.0.0.1:${route}", routes: [${routes}] }`;
    const configuration = `server_name: ${name}\nhttp: "127.0.0.1:${monitor}"\ncluster ${cluster}`;
    return { name, folder: own, port, monitor, configuration };
  });
}

async function threePorts() {
  return { port: await freePort(), route: await freePort(), monitor: await freePort() };
}

function isHealthy(monitor: number): Promise<void> {
  return eventually(async () => {
    const answer = await fetch(`http://127.0.0.1:${monitor}/healthz`);
    if (!answer.ok) throw new Error(await answer.text());
  }, HEALTHY_LIMIT_MS);
}

class Member implements NatsClusterMember {
  private running: RunningNatsServer | undefined;

  constructor(private readonly plan: Plan) {}

  get name(): string {
    return this.plan.name;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.plan.port}`;
  }

  async kill(): Promise<void> {
    if (this.running !== undefined) await end(this.running.child, 'SIGKILL');
  }

  async restart(): Promise<void> {
    await this.kill();
    this.running = await runNatsServer(this.plan);
  }

  async pause(): Promise<void> {
    if (this.running !== undefined) await pause(this.running.pid);
  }

  resume(): void {
    this.running?.child.kill('SIGCONT');
  }
}
