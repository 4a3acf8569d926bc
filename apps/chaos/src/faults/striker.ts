import { setTimeout as sleep } from 'node:timers/promises';
import type { LogWatch } from '../log/log-watch.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { faultText, type Fault, type Moment } from './fault-plan.js';

/** A process that died often is started again after 10 s. */
const RESTART_LIMIT_MS = 20_000;
const STEP_LIMIT_MS = 10_000;

/** Does to a stack what a plan says. */
export class Striker {
  readonly #stopped: Promise<void>[] = [];

  constructor(
    private readonly stack: ChaosStack,
    private readonly watch: LogWatch,
    private readonly note: (text: string) => void,
  ) {}

  async strikeAll(faults: readonly Fault[], signal: AbortSignal): Promise<void> {
    for (const [index, fault] of faults.entries()) {
      if (signal.aborted) break;
      await sleep(fault.afterMs);
      await this.#waitForTargets(fault);
      const note = await this.#strike(fault);
      this.note(`${index + 1}/${faults.length} ${faultText(fault)}${note}`);
    }
    await Promise.all(this.#stopped);
  }

  /** What is dead can't be killed; and never is more than one of several nats-servers away, but when all are killed. */
  async #waitForTargets(fault: Fault): Promise<void> {
    const targets = this.#targetsOf(fault);
    const servers = this.stack.names.filter((name) => name.startsWith('nats'));
    const concernsServers = targets.some((name) => servers.includes(name));
    const awaited = fault.kind === 'kill all' ? [] : targets;
    await this.stack.whenUp(
      concernsServers ? [...new Set([...awaited, ...servers])] : awaited,
      RESTART_LIMIT_MS,
    );
  }

  async #strike(fault: Fault): Promise<string> {
    const seen = 'step' in fault ? await this.#awaitMoment(fault) : true;
    const targets = this.#targetsOf(fault);
    if ('forMs' in fault) await this.#stop(targets, fault.forMs);
    else this.stack.signal(targets, 'SIGKILL');
    return seen ? '' : ' (which did not come)';
  }

  async #awaitMoment({ step, count, delayMs }: Moment): Promise<boolean> {
    const seen = await this.watch.next(step, count, STEP_LIMIT_MS);
    if (seen) await sleep(delayMs);
    return seen;
  }

  async #stop(targets: readonly string[], forMs: number): Promise<void> {
    const pids = this.stack.signal(targets, 'SIGSTOP');
    const over = sleep(forMs).then(() => pids.forEach((pid) => this.stack.continue(pid)));
    this.#stopped.push(over);
    // A stopped server is away, as a dead one is.
    if (targets.some((name) => name.startsWith('nats'))) await over;
  }

  #targetsOf(fault: Fault): readonly string[] {
    if (fault.kind === 'kill all') return this.stack.names;
    return fault.kind === 'kill at' ? fault.processes : [fault.process];
  }
}
