import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readCliConfig } from '../command/cli.config.js';
import { choosePorts } from '../stack/ports.js';
import { ProcessGuard } from '../stack/process-guard.js';
import { REPOSITORY } from '../stack/repository.js';

/** The built command; the stack that it runs is built as well. */
const PROGRAM = join(REPOSITORY, 'apps/cli/dist/main.js');

/** Whose key is set, and what runs on this machine, must not decide which model the agents of a test have. */
const noModels = {
  ANTHROPIC_API_KEY: '',
  OPENAI_API_KEY: '',
  GOOGLE_GENERATIVE_AI_API_KEY: '',
  MISTRAL_API_KEY: '',
  SKYNET_MODEL_PORTS: 'none',
};

/** A command that should have been refused may run for ever. */
const LONGEST_RUN_MS = 600_000;

let guard: ProcessGuard | undefined;

const readySchema = z.object({
  ready: z.literal(true),
  mcp: z.url(),
  edges: z.array(z.url()),
  health: z.url(),
  metrics: z.record(z.string(), z.url()).optional(),
  token: z.string(),
  dataDir: z.string(),
  firstLogin: z.object({ name: z.string(), password: z.string() }).optional(),
  processes: z.record(z.string(), z.number()),
  registry: z.string().optional(),
  defaultModel: z.object({ id: z.string(), from: z.string(), why: z.string() }).optional(),
  localRegistry: z.object({ defaultModel: z.string() }).optional(),
});

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly dataFolder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard input. Default: none. */
  readonly input?: string;
}

/** Runs one command to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  return startCli(args, options).finished;
}

/** A line as a shell runs it: `"$NODE" "$PROGRAM"` is the command. */
export async function runInShell(line: string, dataFolder: string): Promise<CliRun> {
  const child = spawn('bash', ['-o', 'pipefail', '-c', line], {
    env: {
      ...readCliConfig().environment,
      ...{ SKYNET_DATA: dataFolder, NODE: process.execPath, PROGRAM, NO_COLOR: '1' },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: await stdout, stderr: await stderr };
}

/** A command under way. */
export interface RunningCli {
  readonly child: ChildProcess;
  readonly finished: Promise<CliRun>;
  /** Resolves when standard output or standard error holds these words. */
  says(words: string): Promise<void>;
  /** The first text like this on standard output or standard error, as soon as its line is whole. */
  printed(pattern: RegExp): Promise<string>;
}

export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const child = start(args, options);
  const [stdout, stderr] = [new Heard(child.stdout), new Heard(child.stderr)];
  const finished = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stdout: stdout.text,
    stderr: stderr.text,
  }));
  return {
    child,
    finished,
    says: (words) =>
      until(() => {
        if (stdout.text.includes(words) || stderr.text.includes(words)) return true;
        if (child.exitCode === null) return false;
        throw new Error(`never said "${words}": ${stdout.text}${stderr.text}`);
      }),
    printed: async (pattern) => {
      const inLine = new RegExp(`${pattern.source}(?=.*\\n)`);
      let found: string | undefined;
      await until(() => {
        found = inLine.exec(stdout.text)?.[0] ?? inLine.exec(stderr.text)?.[0];
        if (found === undefined && child.exitCode !== null) throw new Error(stderr.text);
        return found !== undefined;
      });
      return found ?? '';
    },
  };
}

class Heard {
  text = '';

  constructor(stream: Readable) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
    });
  }
}

function start(args: readonly string[], options: CliOptions) {
  const { dataFolder = '/nowhere', environment } = options;
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...readCliConfig().environment,
      ...noModels,
      SKYNET_DATA: dataFolder,
      SKYNET_BACKUP_KEY: join(dataFolder, 'backup-key.pem'),
      NO_COLOR: '1',
      ...environment,
    },
    detached: true,
    timeout: LONGEST_RUN_MS,
  });
  endWithThisProcess(child);
  // A program that has ended without reading its input has closed it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return child;
}

/** A test process that is killed leaves no command behind, and so no stack. */
function endWithThisProcess(child: ChildProcess): void {
  guard ??= new ProcessGuard();
  const { pid } = child;
  if (pid === undefined) return;
  guard.watch(pid);
  child.once('exit', () => guard?.release(pid));
}

/** A stack of its own, run by the built `up`. */
export interface RunningUp extends z.infer<typeof readySchema> {
  readonly child: ChildProcess;
  /** Everything that was printed after the line that said ready. */
  readonly later: readonly string[];
  /** Sends the signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export async function startUp(...args: readonly string[]): Promise<RunningUp> {
  return startUpIn({}, ...args);
}

/** The same with variables beside those of this process. */
export async function startUpIn(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<RunningUp> {
  const child = start(['up', '--json', ...args], { environment });
  const problems = text(child.stderr);
  const later: string[] = [];
  const lines = createInterface(child.stdout);
  const first = await Promise.race([once(lines, 'line'), once(child, 'exit')]);
  if (typeof first[0] !== 'string') throw new Error(`up ended: ${await problems}`);
  lines.on('line', (line) => later.push(line));
  return {
    ...readySchema.parse(JSON.parse(first[0])),
    child,
    later,
    async stop(signal = 'SIGINT') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
      return child.exitCode;
    },
  };
}

/** Options of `up` that name free ports, for a stack that is to come back on them. */
export async function freePortOptions(): Promise<string[]> {
  const replicas = { edges: 1, runtimes: 1, schedulers: 1 };
  const { edges, runtimes, schedulers, auth, nats } = await choosePorts('free', replicas);
  const options = [
    ['--port', edges[0]],
    ['--runtime-port', runtimes[0]],
    ['--scheduler-port', schedulers[0]],
    ['--auth-port', auth],
    ['--nats-port', nats],
  ];
  return options.flat().map(String);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const LOOK_AGAIN_MS = 20;
const PATIENCE_MS = 30_000;

/** Looks again and again until it holds; after 30 s it rejects. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > giveUpMs)
      throw new Error(`still not after ${PATIENCE_MS} ms: ${String(holds)}`);
    await sleep(LOOK_AGAIN_MS);
  }
}
