import { MemoryPayloadStore, MemoryStateStores } from '@skynet/platform';
import type { Effect } from '../doubles/effects.js';
import { SimNetwork } from '../ports/sim-network.js';
import { SimProcess } from '../ports/sim-process.js';
import { Sky } from '../ports/weather.js';
import type { Sizes } from '../plan/plan.js';
import type { Random } from '../time/random.js';
import { VirtualTime } from '../time/virtual-time.js';
import { SeenLog } from './logged-agents.js';

/** Everything outside the processes of the product: the servers, the world, and who looks on. */
export class Surroundings {
  readonly time = new VirtualTime();
  readonly sky: Sky;
  readonly network: SimNetwork;
  readonly log: SeenLog;
  readonly states: MemoryStateStores;
  readonly payloads = new MemoryPayloadStore();
  readonly effects: Effect[] = [];
  readonly asked = new Map<string, number>();
  readonly bugs: string[] = [];
  readonly notes: string[] = [];

  constructor(
    readonly random: Random,
    readonly sizes: Sizes,
  ) {
    this.sky = new Sky(random.fork('sky'));
    this.network = new SimNetwork(this.time, this.sky);
    this.log = new SeenLog(this.time);
    const { time } = this;
    this.states = new MemoryStateStores({
      nowMs: () => time.nowMs,
      monotonicMs: () => time.elapsedMs,
      timer: (ms, callback) => time.after(ms, callback),
    });
  }

  process(name: string, skewMs: () => number): SimProcess {
    return new SimProcess(name, this.time, this.sky, skewMs);
  }

  bug(process: SimProcess, error: unknown): void {
    if (process.isAlive) this.bugs.push(`${process.name}: ${describe(error)}`);
  }

  note(process: SimProcess, message: string, fields: object = {}): void {
    if (!process.isAlive) return;
    const said = Object.entries(fields).map(([name, value]) => `${name}=${describe(value)}`);
    this.notes.push(
      `${this.time.elapsedMs.toFixed(0)} ${process.name} ${message} ${said.join(' ')}`,
    );
  }
}

function describe(value: unknown): string {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
