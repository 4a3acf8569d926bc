import type { Clock } from '@skynet/platform';
import type { VirtualTime } from '../time/virtual-time.js';
import type { Sky } from './weather.js';

/** A process of the simulation: what it is told reaches it while it lives, and later when it was stopped meanwhile. */
export class SimProcess {
  readonly clock: Clock;
  /** From crash to crash it is another one. */
  isAlive = true;
  private isStopped = false;
  private backlog: (() => void)[] = [];
  /** When what was sent last arrives: a connection keeps the order. */
  private arrivesMs = 0;
  private readonly onDeath: (() => void)[] = [];
  /** Times at which it stood still, since the start of the simulation. */
  readonly standstills: { readonly fromMs: number; toMs: number }[] = [];

  constructor(
    readonly name: string,
    readonly time: VirtualTime,
    readonly sky: Sky,
    skewMs: () => number,
  ) {
    const bornMs = time.elapsedMs;
    this.clock = {
      nowMs: () => Math.floor(time.nowMs + skewMs()),
      monotonicMs: () => time.elapsedMs - bornMs,
      timer: (ms, callback) => time.after(ms, () => this.enter(callback)),
    };
  }

  /** Something happens in the process. */
  enter(callback: () => void): void {
    if (!this.isAlive) return;
    if (this.isStopped) this.backlog.push(callback);
    else callback();
  }

  /** A call over the network; without an answer when the process dies. */
  call<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.send(() => {
        const back = (callback: () => void) =>
          this.time.after(this.sky.latencyMs('back'), () => this.enter(callback));
        work().then(
          (result) => back(() => resolve(result)),
          (error: unknown) =>
            back(() => reject(error instanceof Error ? error : new Error(String(error)))),
        );
      });
    });
  }

  /** One way, in the order of sending. */
  send(work: () => void): void {
    if (!this.isAlive) return;
    this.arrivesMs = Math.max(this.arrivesMs, this.time.elapsedMs + this.sky.latencyMs());
    this.time.after(this.arrivesMs - this.time.elapsedMs, work);
  }

  /** What is pushed to the process one after the other. */
  lane(): (callback: () => void) => void {
    let arrivesMs = 0;
    return (callback) => {
      arrivesMs = Math.max(arrivesMs, this.time.elapsedMs + this.sky.latencyMs());
      this.time.after(arrivesMs - this.time.elapsedMs, () => this.enter(callback));
    };
  }

  whenDead(callback: () => void): void {
    this.onDeath.push(callback);
  }

  /** At once and without a word. */
  crash(): void {
    this.isAlive = false;
    this.backlog = [];
    for (const callback of this.onDeath) callback();
  }

  /** As by SIGSTOP. */
  stop(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.standstills.push({ fromMs: this.time.elapsedMs, toMs: Infinity });
  }

  resume(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    const last = this.standstills.at(-1);
    if (last !== undefined) last.toMs = this.time.elapsedMs;
    const missed = this.backlog;
    this.backlog = [];
    for (const callback of missed) this.time.after(0, () => this.enter(callback));
  }
}
