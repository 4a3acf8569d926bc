import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Environment } from '../command/cli.config.js';
import type { BenchedSystem, TreeAnswer, TreeShape } from './benched-system.js';
import { PeerProcesses } from './peer-processes.js';

/** Servers that peers need and npm does not have. */
export interface PeerServers {
  readonly redisServer: string | undefined;
  readonly temporalServer: string | undefined;
}

/** What `system.mjs` of a peer exports. */
export interface PeerModule {
  readonly name: string;
  start(context: PeerContext): Promise<StartedPeer>;
}

interface PeerContext extends PeerServers, Pick<PeerProcesses, 'freePort' | 'run' | 'untilReady'> {
  readonly folder: string;
}

interface StartedPeer {
  readonly version: string;
  readonly durability: string;
  readonly submit: (shape: TreeShape) => Promise<{ ended(): Promise<TreeAnswer> }>;
  readonly close: () => Promise<void>;
}

export async function loadPeer(folder: string): Promise<PeerModule> {
  return (await import(pathToFileURL(join(folder, 'system.mjs')).href)) as PeerModule;
}

interface PeerSurroundings {
  readonly servers: PeerServers;
  /** Once it is aborted the peer is ended. */
  readonly signal: AbortSignal;
  readonly environment: Environment;
  /** Where its folder is made. Default: that of the system. */
  readonly temporaryFolder?: string;
}

/** Starts a peer with stores of its own in a temporary folder; what was started is ended when that fails. */
export async function startPeer(
  peer: PeerModule,
  { servers, signal, environment, temporaryFolder = tmpdir() }: PeerSurroundings,
): Promise<BenchedSystem> {
  const folder = await mkdtemp(join(temporaryFolder, 'skynet-bench-'));
  const processes = new PeerProcesses(folder, environment);
  let started: StartedPeer | undefined;
  const stop = async () => {
    signal.removeEventListener('abort', processes.kill);
    await settled(started?.close());
    started = undefined;
    await processes.stop();
    await rm(folder, { recursive: true, force: true });
  };
  signal.addEventListener('abort', processes.kill);
  try {
    signal.throwIfAborted();
    const { version, durability, submit } = (started = await Promise.race([
      peer.start({ ...servers, folder, ...toolsOf(processes) }),
      processes.whenBroken,
    ]));
    const orBroken = <Result>(work: Promise<Result>) => Promise.race([work, processes.whenBroken]);
    return {
      name: peer.name,
      version,
      durability,
      pids: () => processes.pids(),
      submit: async (shape) => taken(await orBroken(submit(shape)), orBroken),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function taken(
  tree: { ended(): Promise<TreeAnswer> },
  orBroken: <Result>(work: Promise<Result>) => Promise<Result>,
) {
  let answer: TreeAnswer | undefined;
  return {
    ended: async () => {
      answer = await orBroken(tree.ended());
    },
    answer: () => Promise.resolve(answer ?? { leaves: 0, agents: 0 }),
  };
}

function toolsOf(processes: PeerProcesses) {
  return {
    freePort: () => processes.freePort(),
    run: (...what: Parameters<PeerProcesses['run']>) => processes.run(...what),
    untilReady: <Result>(attempt: () => Promise<Result>) => processes.untilReady(attempt),
  };
}

const CLOSE_WITHIN_MS = 1_000;

/** A client whose server is gone may never close. */
async function settled(closing: Promise<void> | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CLOSE_WITHIN_MS);
  await Promise.race([closing?.catch(() => undefined), promise]);
  clearTimeout(timer);
}
