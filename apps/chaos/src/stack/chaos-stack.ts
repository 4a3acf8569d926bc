import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { inheritedEnvironment } from '../config/chaos.config.js';
import type { SlotLimits } from '../oracle/evidence.js';
import { freePorts } from './free-ports.js';

const PROGRAM = resolve(import.meta.dirname, '../../../cli/dist/main.js');
const PORTS = ['--port', '--auth-port', '--runtime-port', '--scheduler-port', '--nats-port'];
/** Little enough for a server whose room is limited. */
const NATS_QUEUE_MIB = '16';
const LOOK_AGAIN_MS = 50;

/** What `skynet up --json` says when the stack is ready, as far as it is needed here. */
interface Ready {
  readonly edges: readonly string[];
  readonly nats: string;
  readonly natsKeyFile: string;
  readonly natsServer: string;
  readonly token: string;
  readonly issuer: string;
  readonly dataDir: string;
  readonly processes: Readonly<Record<string, number>>;
}

interface Change {
  readonly process: string;
  readonly change: 'ended' | 'restarted';
  readonly pid?: number;
}

export interface StackOptions {
  readonly dataFolder: string;
  readonly registryFile: string;
  /** Of the services. */
  readonly nodeOptions: string;
  readonly servers: number;
  readonly limits: SlotLimits;
  /** Longest pause before a process that has died is started again. */
  readonly restartPauseMs: number;
}

/** A stack with two of each service whose processes are started again when they die. Knows which of them runs as what. */
export class ChaosStack {
  /** Absent: it is dead, and not started again yet. */
  readonly #pids: Map<string, number>;

  private constructor(
    private readonly up: ChildProcess,
    readonly ready: Ready,
  ) {
    this.#pids = new Map(Object.entries(ready.processes));
  }

  static async start({
    dataFolder,
    registryFile,
    nodeOptions,
    servers,
    limits,
    restartPauseMs,
  }: StackOptions): Promise<ChaosStack> {
    const ports = await freePorts(PORTS.length);
    const args = [
      ...['up', '--json', '--data', dataFolder, '--registry', registryFile],
      ...['--runtimes', '2', '--schedulers', '2', '--edges', '2'],
      ...['--restart-pause', String(restartPauseMs)],
      ...['--max-running', String(limits.running)],
      ...['--max-running-per-tenant', String(limits.runningPerTenant)],
      ...(servers === 1 ? [] : ['--servers', String(servers)]),
      ...PORTS.flatMap((name, index) => [name, String(ports[index])]),
    ];
    const up = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Homes of its tool servers go with its data.
      env: {
        ...inheritedEnvironment(),
        XDG_CACHE_HOME: join(dataFolder, 'cache'),
        NODE_OPTIONS: nodeOptions,
        NATS_QUEUE_MIB,
      },
    });
    let complaints = '';
    up.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    const lines = createInterface(up.stdout);
    const [first] = (await Promise.race([once(lines, 'line'), once(up, 'exit')])) as unknown[];
    if (typeof first !== 'string') throw new Error(`the stack did not start: ${complaints}`);
    const stack = new ChaosStack(up, JSON.parse(first) as Ready);
    lines.on('line', (line) => stack.#change(JSON.parse(line) as Change));
    return stack;
  }

  get names(): string[] {
    return Object.keys(this.ready.processes);
  }

  /** Names of the nats-servers. */
  get servers(): string[] {
    return this.names.filter((name) => name.startsWith('nats'));
  }

  /** Absent: it is dead. */
  pidOf(name: string): number | undefined {
    return this.#pids.get(name);
  }

  /** Whether each of them runs within this time. */
  async whenUp(names: readonly string[], limitMs: number): Promise<boolean> {
    const giveUpMs = performance.now() + limitMs;
    while (!names.every((name) => this.#pids.has(name))) {
      if (performance.now() > giveUpMs) return false;
      await sleep(LOOK_AGAIN_MS);
    }
    return true;
  }

  /** Whether all processes run and every edge says that it can do its work, within this time. */
  async whenWhole(limitMs: number): Promise<boolean> {
    const giveUpMs = performance.now() + limitMs;
    for (;;) {
      const isWhole = this.names.every((name) => this.#pids.has(name));
      if (isWhole && (await this.#areEdgesReady())) return true;
      if (performance.now() > giveUpMs) return false;
      await sleep(LOOK_AGAIN_MS);
    }
  }

  /** Sends the signal to those of them that run, all at the same instant; returns what they ran as. */
  signal(names: readonly string[], signal: NodeJS.Signals): number[] {
    const pids = names.flatMap((name) => this.#pids.get(name) ?? []);
    for (const pid of pids) send(pid, signal);
    if (signal === 'SIGKILL') for (const name of names) this.#pids.delete(name);
    return pids;
  }

  /** Lets a stopped process go on, should it still be there. */
  continue(pid: number): void {
    send(pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.up.exitCode !== null || this.up.signalCode !== null) return;
    const exited = once(this.up, 'exit');
    this.up.kill('SIGINT');
    await exited;
  }

  #change({ process: name, change, pid }: Change): void {
    if (change === 'restarted' && pid !== undefined) this.#pids.set(name, pid);
    else this.#pids.delete(name);
  }

  async #areEdgesReady(): Promise<boolean> {
    const answers = this.ready.edges.map(async (edge) => {
      const url = new URL('/health/ready', edge);
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      return response.ok;
    });
    const settled = await Promise.allSettled(answers);
    return settled.every((answer) => answer.status === 'fulfilled' && answer.value);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
