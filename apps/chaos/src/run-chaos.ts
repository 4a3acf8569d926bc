import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { SteppedClocks } from './clocks/stepped-clocks.js';
import { Cluster } from './cluster/cluster.js';
import { collectEvidence, whenAllEnded } from './collect-evidence.js';
import { fillRoom, limitRoom } from './disk/server-room.js';
import { LEAST_STEP_MS, planFaults } from './faults/fault-plan.js';
import { Striker } from './faults/striker.js';
import { toProbeWhileAway } from './load/away-probe.js';
import { EdgeClient } from './load/edge-client.js';
import { Ledger } from './load/ledger.js';
import { Load } from './load/load.js';
import { writeRegistry } from './load/registry.js';
import { LogWatch } from './log/log-watch.js';
import { connectAsOperator } from './log/operator-connection.js';
import type { ChaosOptions } from './options.js';
import type { Evidence, Finding } from './oracle/evidence.js';
import { findingsOf } from './oracle/verdict.js';
import { ChaosStack } from './stack/chaos-stack.js';
import { localTokens } from './stack/local-token.js';

export interface ChaosOutcome {
  readonly evidence: Evidence;
  readonly findings: readonly Finding[];
  readonly ledger: Ledger;
  readonly natsServer: string;
  readonly tookMs: number;
  /** Kept when something was found. */
  readonly folder: string | undefined;
}

/** Fewer than the load could use: an agent more than these is seen. */
const LIMITS = { running: 20, runningPerTenant: 16 };
const WHOLE_LIMIT_MS = 60_000;
/** Of one server: what its streams set aside, and what a run may need. */
const ROOM_MIB = 176;
const ROOM_OF_FAULT_MIB = 0.5;

/** Runs a stack, has it work, does it harm, waits until it is quiet, and looks at what it has left. */
export async function runChaos(
  options: ChaosOptions,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<ChaosOutcome> {
  const startMs = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'skynet-chaos-'));
  const registry = await writeRegistry(join(folder, 'registry'));
  const clocks = await SteppedClocks.in(join(folder, 'clocks'));
  const stack = await ChaosStack.start({
    nodeOptions: clocks.nodeOptions,
    dataFolder: join(folder, 'data'),
    registryFile: registry.file,
    servers: options.servers,
    limits: LIMITS,
    restartPauseMs: options.pause * 1_000,
  });
  const ledger = new Ledger();
  let findings: readonly Finding[] | undefined;
  let cluster: Cluster | undefined;
  try {
    const connection = await connectAsOperator(stack.ready);
    if (options.servers > 1) cluster = await Cluster.takeOver(stack, connection);
    else await limitServer(stack, options);
    const token = localTokens(stack.ready);
    await harm({ stack, cluster, clocks, connection, token, ledger, options, note }, signal);
    signal.throwIfAborted();
    const odd = (tool: string, what: string) => ledger.countOdd(tool, what);
    const client = new EdgeClient(stack.ready.edges, token, odd);
    const sources = {
      ...{ connection, client, ledger, limits: LIMITS, calls: registry.ledger },
      leastStepMs: LEAST_STEP_MS,
    };
    const evidence = await collectEvidence(sources, signal);
    signal.throwIfAborted();
    await Promise.all([client.close(), connection.close()]);
    findings = findingsOf(evidence);
    const { natsServer } = stack.ready;
    const kept = findings.length === 0 ? undefined : folder;
    const tookMs = performance.now() - startMs;
    return { evidence, findings, ledger, natsServer, tookMs, folder: kept };
  } finally {
    await stack.stop();
    await cluster?.close();
    if (findings?.length === 0) await rm(folder, { recursive: true, force: true });
    else note(`everything is kept in ${folder}`);
  }
}

/** A run leaves far less in the log; the rest is to be filled in a moment. */
async function limitServer(stack: ChaosStack, { kills }: ChaosOptions): Promise<void> {
  await limitRoom(stack.ready.dataDir, ROOM_MIB + Math.ceil(kills * ROOM_OF_FAULT_MIB));
  stack.signal(stack.servers, 'SIGKILL');
  await stack.whenUp(stack.servers, WHOLE_LIMIT_MS);
}

interface Scene {
  readonly stack: ChaosStack;
  readonly cluster: Cluster | undefined;
  readonly clocks: SteppedClocks;
  readonly connection: NatsConnection;
  readonly token: () => Promise<string>;
  readonly ledger: Ledger;
  readonly options: ChaosOptions;
  readonly note: (text: string) => void;
}

async function harm(scene: Scene, signal: AbortSignal): Promise<void> {
  const { stack, cluster, clocks, connection, token, ledger, options, note } = scene;
  const { edges } = stack.ready;
  const load = new Load({ edges, token, seed: options.seed, load: options.load, ledger });
  const giveUp = () => load.giveUp();
  signal.addEventListener('abort', giveUp);
  try {
    const watch = new LogWatch(connection);
    const odd = (tool: string, what: string) => ledger.countOdd(tool, what);
    const prober = new EdgeClient(edges, token, odd);
    const toProbe = () => toProbeWhileAway(prober, ledger, signal);
    const fill = () => fillRoom(connection);
    const striker = new Striker({ stack, cluster, clocks, watch, note, fill, toProbe });
    await striker.strikeAll(planFaults({ ...options, awaySeconds: options.away }), signal);
    await prober.close();
    if (!(await stack.whenWhole(WHOLE_LIMIT_MS))) note('not every process is ready again');
    if ((await cluster?.whenCurrent(WHOLE_LIMIT_MS)) === false) note('not every copy is current');
    const limitMs = options.patience * 1_000;
    const timer = setTimeout(giveUp, limitMs);
    const startMs = performance.now();
    await load.finish();
    await whenAllEnded(connection, limitMs - (performance.now() - startMs));
    clearTimeout(timer);
    note(`quiet ${((performance.now() - startMs) / 1_000).toFixed(1)} s after the last fault`);
  } finally {
    giveUp();
    signal.removeEventListener('abort', giveUp);
  }
}
