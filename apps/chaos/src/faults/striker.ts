import { setTimeout as sleep } from 'node:timers/promises';
import type { SteppedClocks } from '../clocks/stepped-clocks.js';
import type { Cluster } from '../cluster/cluster.js';
import type { Filling } from '../disk/server-room.js';
import type { LogWatch } from '../log/log-watch.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { faultText, type Elections, type Fault, type Moment } from './fault.js';

/** A process that died often is started again after 10 s. */
const RESTART_LIMIT_MS = 20_000;
const CURRENT_LIMIT_MS = 60_000;
const STEP_LIMIT_MS = 10_000;
const FILL_LIMIT_MS = 90_000;
/** A starved process. */
const RUNS_MS = 10;
const STANDS_MS = 90;
/** It is not ready so soon after its start. */
const KILL_AGAIN_MS = 5;

export interface Struck {
  readonly stack: ChaosStack;
  /** Absent: there is one nats-server. */
  readonly cluster: Cluster | undefined;
  readonly watch: LogWatch;
  readonly note: (text: string) => void;
  readonly clocks: SteppedClocks;
  /** Takes all the room of the one nats-server. */
  readonly fill: () => Filling;
  /** Gets ready, then works while the one nats-server is away or full, until the signal is aborted; says how it went. */
  readonly toProbe: () => Promise<(signal: AbortSignal) => Promise<string>>;
}

/** Does to a stack what a plan says. */
export class Striker {
  /** What goes on beyond its fault, by the process that it concerns. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** Whether a server may still lack something of what it has lost. */
  #isWiped = false;

  constructor(private readonly struck: Struck) {}

  async strikeAll(faults: readonly Fault[], signal: AbortSignal): Promise<void> {
    for (const [index, fault] of faults.entries()) {
      if (signal.aborted) break;
      await sleep(fault.afterMs);
      const note = (await this.#isPossible(fault)) ? await this.#strike(fault) : ' (left out)';
      this.struck.note(`${index + 1}/${faults.length} ${faultText(fault)}${note}`);
    }
    await Promise.all(this.#underWay.values());
  }

  /** What is dead can't be killed; and never is more than one of several nats-servers away, but when all are killed. */
  async #isPossible(fault: Fault): Promise<boolean> {
    const { stack } = this.struck;
    const targets = this.#targetsOf(fault);
    const concerned = targets.some((name) => stack.servers.includes(name)) ? stack.servers : [];
    const awaited = new Set([...(fault.kind === 'kill all' ? [] : targets), ...concerned]);
    // A stopped process can be killed, and no more be stopped; and a stopped server is away, as a dead one is.
    const isKill = fault.kind === 'kill' || fault.kind === 'kill at';
    for (const name of isKill ? concerned : awaited) await this.#underWay.get(name);
    await stack.whenUp([...awaited], RESTART_LIMIT_MS);
    return concerned.length === 0 || this.#areCopiesThere(fault);
  }

  /** A server without its store votes as if it had one: none may be away while one has not everything, or is to lose it. */
  async #areCopiesThere({ kind }: Fault): Promise<boolean> {
    if (kind !== 'wipe' && !this.#isWiped) return true;
    const isCurrent = (await this.struck.cluster?.whenCurrent(CURRENT_LIMIT_MS)) !== false;
    this.#isWiped = this.#isWiped && !isCurrent;
    return isCurrent;
  }

  async #strike(fault: Fault): Promise<string> {
    const { stack, cluster } = this.struck;
    const seen = 'step' in fault ? await this.#awaitMoment(fault) : true;
    switch (fault.kind) {
      case 'stop':
      case 'stop at':
        this.#begin(fault.process, this.#stop(fault.process, fault.forMs));
        break;
      case 'starve':
        this.#begin(fault.process, this.#starve(fault.process, fault.forMs));
        break;
      case 'away':
        this.#begin(fault.process, this.#keepAway(fault.process, fault.forMs));
        break;
      case 'disk full':
        this.#begin(fault.process, this.#fill(fault.process, fault.forMs));
        break;
      case 'clock':
        this.#begin(fault.process, this.#stepClock(fault));
        break;
      case 'hand over':
        stack.signal([fault.process], 'SIGTERM');
        break;
      case 'partition':
        cluster?.cut(fault.process, fault.cut);
        this.#begin(
          fault.process,
          sleep(fault.forMs).then(() => cluster?.heal()),
        );
        break;
      case 'wipe':
        this.#isWiped = true;
        await cluster?.wipe(fault.process);
        break;
      case 'step down':
        return ` (${await this.#elect(fault)} obeyed)`;
      default:
        stack.signal(this.#targetsOf(fault), 'SIGKILL');
    }
    return seen ? '' : ' (which did not come)';
  }

  async #awaitMoment({ step, count, delayMs }: Moment): Promise<boolean> {
    const seen = await this.struck.watch.next(step, count, STEP_LIMIT_MS);
    if (seen) await sleep(delayMs);
    return seen;
  }

  #begin(process: string, work: Promise<void>): void {
    this.#underWay.set(process, work);
  }

  async #stop(process: string, forMs: number): Promise<void> {
    const pids = this.struck.stack.signal([process], 'SIGSTOP');
    await sleep(forMs);
    for (const pid of pids) this.struck.stack.continue(pid);
  }

  async #starve(process: string, forMs: number): Promise<void> {
    const { stack } = this.struck;
    const endMs = performance.now() + forMs;
    const pid = stack.pidOf(process);
    while (pid !== undefined && stack.pidOf(process) === pid && performance.now() < endMs) {
      await this.#stop(process, STANDS_MS);
      await sleep(RUNS_MS);
    }
  }

  async #keepAway(process: string, forMs: number): Promise<void> {
    const { stack, note, toProbe } = this.struck;
    const probe = await toProbe();
    const endMs = performance.now() + forMs;
    const isOver = new AbortController();
    stack.signal([process], 'SIGKILL');
    const went = probe(isOver.signal);
    for (; performance.now() < endMs; await sleep(KILL_AGAIN_MS))
      stack.signal([process], 'SIGKILL');
    isOver.abort();
    note(`  while ${process} was away: ${await went}`);
  }

  async #fill(process: string, forMs: number): Promise<void> {
    const { note, toProbe, fill } = this.struck;
    const probe = await toProbe();
    const filling = fill();
    const isFull = await Promise.race([filling.full.then(() => true), sleep(FILL_LIMIT_MS, false)]);
    const went = isFull ? await probe(AbortSignal.timeout(forMs)) : 'it had';
    await filling.end();
    note(`  while ${process} had no room: ${went}`);
  }

  async #stepClock({ process, byMs, forMs }: Extract<Fault, { kind: 'clock' }>): Promise<void> {
    const { stack, clocks } = this.struck;
    const pid = stack.pidOf(process);
    if (pid === undefined) return;
    await clocks.step(pid, byMs);
    await sleep(forMs);
    await clocks.setRight(pid);
  }

  async #elect({ group, times, everyMs }: Elections): Promise<number> {
    let obeyed = 0;
    for (let left = times; left > 0; left -= 1) {
      obeyed += (await this.struck.cluster?.stepDown(group)) ?? 0;
      await sleep(everyMs);
    }
    return obeyed;
  }

  #targetsOf(fault: Fault): readonly string[] {
    if (fault.kind === 'kill all') return this.struck.stack.names;
    // Whoever leads, all of them elect.
    if (fault.kind === 'step down') return this.struck.stack.servers;
    return fault.kind === 'kill at' ? fault.processes : [fault.process];
  }
}
