import type { SimProcess } from '../ports/sim-process.js';
import { AMBUSH_MS, processes, type ProcessName, type Step } from '../plan/step.js';
import { runtimeIn, schedulerIn, type Program } from './replica.js';
import type { Surroundings } from './surroundings.js';

const START_AGAIN_MS = 500;

/** A place for a program, in which one process follows another. */
interface Place {
  process: SimProcess;
  program: Program;
  generation: number;
  skewMs: number;
}

type Ambush = Extract<Step, { readonly event: string }>;

/** The processes of the product, started again after each end as by an operator's machine. */
export class Deployment {
  private readonly places = new Map<ProcessName, Place>();
  /** By name, all that there were. */
  readonly all = new Map<string, SimProcess>();

  constructor(private readonly world: Surroundings) {}

  start(): void {
    for (const name of processes) this.begin(name);
  }

  crash(name: ProcessName, downMs: number): void {
    const { process } = this.of(name);
    if (!process.isAlive) return;
    process.crash();
    this.world.time.after(downMs, () => this.begin(name));
  }

  /** Told to end, it hands over first. */
  restart(name: ProcessName, downMs: number): void {
    const { process, program } = this.of(name);
    if (!process.isAlive) return;
    const end = () => {
      if (!process.isAlive) return;
      process.crash();
      this.world.time.after(downMs, () => this.begin(name));
    };
    process.enter(() => void program.stop().then(end, end));
    // One that does not end is killed.
    this.world.time.after(10_000, end);
  }

  stop(name: ProcessName, forMs: number): void {
    const { process } = this.of(name);
    process.stop();
    this.world.time.after(forMs, () => process.resume());
  }

  /** Schedulers act on what runtimes write. */
  ambush({ process, event }: Ambush, strike: () => void): void {
    const isOwn = process.startsWith('runtime');
    const giveUp = this.world.log.whenLogged((last, writer) => {
      if (last !== event || (isOwn && writer !== this.of(process).process.name)) return;
      giveUp();
      strike();
    });
    this.world.time.after(AMBUSH_MS, giveUp);
  }

  setClock(name: ProcessName, skewMs: number, forMs = Infinity): void {
    this.of(name).skewMs = skewMs;
    if (forMs === Infinity) return;
    this.world.time.after(forMs, () => (this.of(name).skewMs = 0));
  }

  private of(name: ProcessName): Place {
    const place = this.places.get(name);
    if (place === undefined) throw new Error(`${name} was never started`);
    return place;
  }

  private begin(name: ProcessName): void {
    const before = this.places.get(name);
    const generation = (before?.generation ?? 0) + 1;
    const skewMs = before?.skewMs ?? 0;
    const process = this.world.process(`${name}.${generation}`, () => this.of(name).skewMs);
    const make = name.startsWith('runtime') ? runtimeIn : schedulerIn;
    const program = make(process, this.world);
    this.places.set(name, { process, program, generation, skewMs });
    this.all.set(process.name, process);
    program.start().catch((error: unknown) => {
      this.world.note(process, 'can not begin', { error });
      if (!process.isAlive) return;
      process.crash();
      this.world.time.after(START_AGAIN_MS, () => this.begin(name));
    });
  }
}
