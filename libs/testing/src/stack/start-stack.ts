import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  startEventStoreDouble,
  type EventStoreDouble,
} from '../eventstoredb/event-store-double.js';
import { stackIsOnEventStoreDb } from '../servers/event-store-server.config.js';
import { inherited } from '../servers/nats-server.config.js';
import { noModels } from './no-models.js';
import { readPlatformSettings } from '@skynet/platform';
import { openOperatorStores, type OperatorStores } from '@skynet/platform/operations';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const PROGRAM = fileURLToPath(new URL('../../../../apps/cli/dist/main.js', import.meta.url));

/** The line that `skynet up --json` prints when everything answers. */
export interface StackReady {
  readonly mcp: string;
  readonly edges: readonly string[];
  readonly health: string;
  readonly nats: string;
  /** File with the seed of the operator's key for it. */
  readonly natsKeyFile: string;
  readonly token: string;
  readonly dataDir: string;
  /** The first user, who may log in by browser. */
  readonly firstLogin?: { readonly name: string; readonly password: string };
  /** Pids by name: nats, auth, scheduler, scheduler2, runtime, edge, … */
  readonly processes: Readonly<Record<string, number>>;
}

export type ToolAnswer = Readonly<Record<string, unknown>>;

export interface StackClient {
  /** The structured answer of a tool; an error of the tool is thrown with its text. */
  call(tool: string, args?: object, meta?: Readonly<Record<string, unknown>>): Promise<ToolAnswer>;
  /** Spawns, waits for the end and returns the result. */
  run(args: object): Promise<ToolAnswer>;
  close(): Promise<void>;
}

export interface Stack extends StackReady {
  /** The log and payloads of this stack, wherever they are kept. */
  openStores(): Promise<OperatorStores>;
  connect(edge?: string): Promise<StackClient>;
  /** Kills one process of the stack with -9; `up` starts it again. @throws Error when it is not there at the moment */
  kill(name: string): void;
  /** Ends everything that was started, as Ctrl-C does. */
  stop(): Promise<void>;
}

/** The built stack with free ports and a temporary data folder; `args` are those of `skynet up`. */
export function startStack(...args: readonly string[]): Promise<Stack> {
  return startStackIn({}, ...args);
}

/** The same with variables beside those of this process. */
export async function startStackIn(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Stack> {
  const log = stackIsOnEventStoreDb() ? await startEventStoreDouble() : undefined;
  const own = { ...inherited(), ...noModels, ...logSettings(log), ...environment };
  const up = spawn(process.execPath, [PROGRAM, 'up', '--ephemeral', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: own,
  });
  const ready = await readyLine(up).catch((error: unknown) => {
    log?.stop();
    throw error;
  });
  const clients: StackClient[] = [];
  return {
    ...ready,
    openStores: () =>
      openOperatorStores(
        readPlatformSettings({ ...own, NATS_URL: ready.nats, NATS_NKEY_FILE: ready.natsKeyFile }),
      ),
    connect: async (edge = ready.mcp) => {
      const client = await connect(edge, ready.token);
      clients.push(client);
      return client;
    },
    kill: (name) => {
      const pid = ready.processes[name];
      if (pid === undefined) throw new Error(`the stack has no process ${name}`);
      process.kill(pid, 'SIGKILL');
    },
    stop: async () => {
      await Promise.allSettled(clients.map((client) => client.close()));
      if (up.exitCode === null) {
        up.kill('SIGINT');
        await once(up, 'exit');
      }
      log?.stop();
    },
  };
}

function logSettings(log: EventStoreDouble | undefined): Readonly<Record<string, string>> {
  if (log === undefined) return {};
  return { EVENT_STORE: 'eventstoredb', EVENT_STORE_URL: log.connectionString };
}

async function readyLine(up: ChildProcess): Promise<StackReady> {
  if (up.stdout === null || up.stderr === null) throw new Error('no pipes');
  let complaints = '';
  up.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const lines = createInterface(up.stdout);
  const line = once(lines, 'line') as Promise<[string]>;
  const gone = once(up, 'exit').then(() => {
    throw new Error(`the stack did not start: ${complaints}`);
  });
  const [text] = await Promise.race([line, gone]);
  gone.catch(() => undefined);
  const ready = JSON.parse(text) as StackReady;
  const processes = { ...ready.processes };
  lines.on('line', (change) => {
    const { process: name, pid } = JSON.parse(change) as { process?: string; pid?: number };
    if (name !== undefined && pid !== undefined) processes[name] = pid;
  });
  return { ...ready, processes };
}

async function connect(url: string, token: string): Promise<StackClient> {
  const client = new Client(
    { name: 'end-to-end', version: '1' },
    { versionNegotiation: { mode: 'auto' } },
  );
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
  );
  const call: StackClient['call'] = async (name, args = {}, _meta = {}) => {
    const result = await client.callTool({ name, arguments: { ...args }, _meta });
    if (result.isError === true) throw new Error(JSON.stringify(result.content));
    return result.structuredContent as ToolAnswer;
  };
  return {
    call,
    run: async (args) => {
      const { agentId } = await call('spawn_agent', args);
      for (;;) {
        const { status } = await call('wait_agent', { agentId, timeoutSeconds: 20 });
        if (!ACTIVE.has(status)) return call('get_agent_result', { agentId });
      }
    },
    close: () => client.close(),
  };
}

const ACTIVE: ReadonlySet<unknown> = new Set(['queued', 'running', 'waiting', 'paused']);
