import { AGENT_ROW_BUCKETS, buckets, streamOfBucket, streams } from '@skynet/contracts';
import type { LedGroup } from '../cluster/cluster.js';
import { cuts } from '../cluster/route-proxies.js';
import { steps, type Fault, type Moment } from './fault.js';
import { Random } from './random.js';

export interface PlanOptions {
  readonly kills: number;
  readonly servers: number;
  readonly seed: number;
  readonly seconds?: number | undefined;
  /** How long nats-server is away when it is. Default: 10. */
  readonly awaySeconds?: number;
}

const MEAN_PAUSE_MS = 2_000;
const SHORTEST_PAUSE_MS = 200;
const SHORTEST_STOP_MS = 100;
const LONGEST_STOP_MS = 8_000;
/** A worker that is stopped for longer than its lease of 4 s comes back as one that was given up. */
const BEYOND_LEASE_MS = 4_500;
const LONGEST_DELAY_MS = 15;
const MOST_EVENTS = 12;
const AWAY_SECONDS = 10;
const FULL_MS = [3_000, 8_000] as const;
const STEPPED_MS = [3_000, 20_000] as const;
/** Less than what is left of a token when it is replaced. */
const LONGEST_STEP_MS = 180_000;
const STARVED_MS = [5_000, 15_000] as const;
const CUT_OFF_MS = [1_000, 10_000] as const;
const MOST_ELECTIONS = 8;
const BETWEEN_ELECTIONS_MS = [50, 1_500] as const;

/** Steps of clocks are no shorter. */
export const LEAST_STEP_MS = 60_000;

/** How often each kind comes, in percent. */
const shares: readonly (readonly [kind: Fault['kind'], alone: number, inCluster: number])[] = [
  ['kill at', 30, 18],
  ['stop at', 8, 6],
  ['kill', 22, 14],
  ['stop', 13, 10],
  ['starve', 8, 8],
  ['kill all', 6, 6],
  ['hand over', 5, 4],
  ['away', 2, 0],
  ['disk full', 2, 0],
  ['clock', 4, 4],
  ['partition', 0, 14],
  ['step down', 0, 10],
  ['wipe', 0, 6],
];

const RUNTIMES = ['runtime', 'runtime2'];
const services = [...RUNTIMES, 'scheduler', 'scheduler2', 'edge', 'edge2', 'auth'];
/** Twice as often as others: they do the work. */
const often = RUNTIMES;

const { checkpoints, leases, workerLeases, payloads, snapshots, schedule } = buckets;
const kept = [checkpoints, leases, workerLeases, payloads, snapshots, schedule];
const groups: readonly LedGroup[] = [
  { of: 'meta', name: 'JetStream' },
  ...[streams.log, streams.authLog, streams.runs, streams.commands].flatMap((name): LedGroup[] => [
    { of: 'stream', name },
    { of: 'consumers', name },
  ]),
  ...[...AGENT_ROW_BUCKETS, ...kept.map(({ bucket }) => bucket)].map((bucket): LedGroup => ({
    of: 'stream',
    name: streamOfBucket(bucket),
  })),
];

/** Names of the nats-servers of a stack. */
export function serverNames(servers: number): string[] {
  return Array.from({ length: servers }, (_, index) => (index === 0 ? 'nats' : `nats${index + 1}`));
}

/** The faults of a run: the same for the same options. Each of the steps is struck before one is struck again. */
export function planFaults(options: PlanOptions): Fault[] {
  const { kills, servers, seed, seconds, awaySeconds = AWAY_SECONDS } = options;
  const random = new Random(seed);
  const planner = new Planner(random, serverNames(servers), awaySeconds * 1_000);
  const meanMs = seconds === undefined ? MEAN_PAUSE_MS : (seconds * 1_000) / Math.max(1, kills);
  return Array.from({ length: kills }, () =>
    planner.next(random.between(SHORTEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, 2 * meanMs))),
  );
}

class Planner {
  readonly #nextKill: () => Moment;
  readonly #nextStop: () => Moment;
  readonly #nextGroup: () => LedGroup;
  readonly #nextCut: () => (typeof cuts)[number];
  readonly #targets: readonly string[];

  constructor(
    private readonly random: Random,
    private readonly nats: readonly string[],
    private readonly awayMs: number,
  ) {
    this.#nextKill = momentsOf(random);
    this.#nextStop = momentsOf(random);
    this.#nextGroup = cycle(() => random.shuffled(groups));
    this.#nextCut = cycle(() => random.shuffled(cuts));
    this.#targets = [...services, ...often, ...nats, ...(nats.length === 1 ? nats : [])];
  }

  next(afterMs: number): Fault {
    const { random, nats } = this;
    const kind = this.#kind();
    switch (kind) {
      case 'kill all':
        return { kind, afterMs };
      case 'kill':
        return { kind, afterMs, process: random.pick(this.#targets) };
      case 'kill at': {
        const processes = [random.pick(nats), random.pick(RUNTIMES)];
        return { kind, afterMs, ...this.#nextKill(), processes };
      }
      case 'stop at': {
        const forMs = random.between(BEYOND_LEASE_MS, LONGEST_STOP_MS);
        return { kind, afterMs, ...this.#nextStop(), process: random.pick(RUNTIMES), forMs };
      }
      case 'stop': {
        const forMs = random.between(SHORTEST_STOP_MS, LONGEST_STOP_MS);
        return { kind, afterMs, process: random.pick(this.#targets), forMs };
      }
      case 'starve': {
        const forMs = random.between(...STARVED_MS);
        return { kind, afterMs, process: random.pick(this.#targets), forMs };
      }
      case 'partition': {
        const [process, cut] = [random.pick(nats), this.#nextCut()];
        return { kind, afterMs, process, cut, forMs: random.between(...CUT_OFF_MS) };
      }
      case 'wipe':
        return { kind, afterMs, process: random.pick(nats) };
      case 'hand over':
        return { kind, afterMs, process: random.pick(RUNTIMES) };
      case 'disk full':
        return { kind, afterMs, process: random.pick(nats), forMs: random.between(...FULL_MS) };
      case 'clock': {
        const byMs = random.between(LEAST_STEP_MS, LONGEST_STEP_MS) * random.pick([1, -1]);
        return {
          ...{ kind, afterMs, byMs },
          process: random.pick([...services, ...often]),
          forMs: random.between(...STEPPED_MS),
        };
      }
      case 'away':
        return { kind, afterMs, process: random.pick(nats), forMs: this.awayMs };
      case 'step down': {
        const [group, times] = [this.#nextGroup(), random.between(1, MOST_ELECTIONS)];
        return { kind, afterMs, group, times, everyMs: random.between(...BETWEEN_ELECTIONS_MS) };
      }
    }
  }

  #kind(): Fault['kind'] {
    let left = this.random.between(1, 100);
    for (const [kind, alone, inCluster] of shares) {
      left -= this.nats.length === 1 ? alone : inCluster;
      if (left <= 0) return kind;
    }
    throw new Error('the shares of the kinds are less than 100 in all');
  }
}

function momentsOf(random: Random): () => Moment {
  const nextStep = cycle(() => random.shuffled(steps));
  return () => ({
    step: nextStep(),
    count: random.between(1, MOST_EVENTS),
    delayMs: random.between(0, LONGEST_DELAY_MS),
  });
}

function cycle<Item>(fill: () => Item[]): () => Item {
  let left: Item[] = [];
  return () => {
    if (left.length === 0) left = fill();
    return left.shift() as Item;
  };
}
