import type { Weather } from '../ports/weather.js';
import { Random } from '../time/random.js';
import { ambushesOf } from './ambushes.js';
import { demandsOf } from './demands.js';
import { processes, type Step } from './step.js';
import { wrongClocksOf } from './wrong-clocks.js';

/** The sizes of a simulation. */
export interface Sizes {
  readonly slots: number;
  readonly maxRunning: number;
  readonly maxRunningPerTenant: number;
  readonly maxLivePerTenant: number;
}

export interface Plan {
  readonly seed: number;
  readonly sizes: Sizes;
  readonly steps: readonly Step[];
}

const TENANTS = ['acme', 'beta'];
const ACTIVE_MS = 10_000;
/** Clocks of machines differ by twice as much at most, but for those that are wrong for a while. */
const MAX_SKEW_MS = 150;

/** What follows from the seed. */
export function planOf(seed: number, options: { readonly hasFaults: boolean }): Plan {
  const random = new Plans(seed, options.hasFaults);
  return random.plan();
}

class Plans {
  private readonly random: Random;

  constructor(
    private readonly seed: number,
    private readonly hasFaults: boolean,
  ) {
    this.random = new Random(seed, 'plan');
  }

  plan(): Plan {
    const { random } = this;
    const maxRunning = random.between(2, 6);
    const sizes = {
      slots: random.between(1, 4),
      maxRunning,
      maxRunningPerTenant: random.between(1, maxRunning),
      maxLivePerTenant: random.between(2, 12),
    };
    const clients = this.clients();
    const demands = demandsOf(random.fork('demands'), TENANTS);
    const faults = this.hasFaults ? this.allFaults(demands) : [];
    const steps = [...clients, ...demands, ...faults];
    return { seed: this.seed, sizes, steps: steps.sort((a, b) => a.atMs - b.atMs) };
  }

  private clients(): Step[] {
    const { random } = this;
    const roots = random.between(3, 7);
    const spawns = Array.from({ length: roots }, (_, root) => this.spawn(root));
    const others = Array.from({ length: random.between(1, 6) }, (): Step => {
      const what = random.pick(['terminate', 'pause', 'resume', 'spawnChild'] as const);
      return { atMs: random.between(200, ACTIVE_MS), do: what, target: random.next() };
    });
    return [...spawns, ...others];
  }

  private spawn(root: number): Step {
    const { random } = this;
    const hasKey = random.chance(0.5);
    const isOther = hasKey && random.chance(0.3);
    const again = { afterMs: random.between(1, 3_000), isOther };
    return {
      atMs: random.between(0, ACTIVE_MS * 0.7),
      do: 'spawn',
      root,
      tenant: random.pick(TENANTS),
      hasKey,
      ...(hasKey && random.chance(0.5) && { again }),
      ...(random.chance(0.2) && { seconds: random.between(1, 8) }),
      ...(random.chance(0.2) && { tokens: random.pick([0, 500, 6_000, 60_000]) }),
      ...(random.chance(0.2) && { priority: random.between(0, 9) }),
    };
  }

  private allFaults(demands: readonly Step[]): Step[] {
    const { random } = this;
    return [
      ...this.faults(),
      ...ambushesOf(random.fork('ambushes')),
      ...wrongClocksOf(random.fork('clocks'), demands),
    ];
  }

  private faults(): Step[] {
    const count = this.random.between(3, 12);
    return Array.from({ length: count }, () => this.fault());
  }

  private fault(): Step {
    const { random } = this;
    const atMs = random.between(0, ACTIVE_MS);
    const process = random.pick(processes);
    const kind = random.pick([
      'crash',
      'crash',
      'stop',
      'restart',
      'clock',
      'weather',
      'weather',
    ] as const);
    switch (kind) {
      case 'crash':
      case 'restart':
        return { atMs, do: kind, process, forMs: random.between(100, 6_000) };
      case 'stop':
        return { atMs, do: kind, process, forMs: random.between(100, 9_000) };
      case 'clock':
        return { atMs, do: kind, process, skewMs: random.between(-MAX_SKEW_MS, MAX_SKEW_MS) };
      default:
        return { atMs, do: kind, weather: this.weather(), forMs: random.between(500, 6_000) };
    }
  }

  private weather(): Partial<Weather> {
    const { random } = this;
    const kinds = [
      'lostAppends',
      'failedReads',
      'failedStates',
      'lostHints',
      'doubledHints',
      'lostItems',
      'doubledItems',
      'lostAcks',
      'lostPublishes',
      'forgottenCounts',
      'slow',
      'failedElections',
    ] as const;
    const share = () => random.pick([0.05, 0.2, 0.6]);
    const chosen = Array.from({ length: random.between(1, 3) }, () => random.pick(kinds));
    return Object.fromEntries(
      chosen.map((kind) => [kind, kind === 'failedElections' ? 1 : share()]),
    );
  }
}
