import { Random } from './random.js';

/** The steps of a run: an event of each tells that an agent is there. */
export const steps = [
  'AgentAdmitted',
  'RunStarted',
  'ModelCallStarted',
  'ModelCallSettled',
  'ToolCallStarted',
  'ToolCallSettled',
  'AgentParked',
  'AgentWoken',
  'ChildReserved',
  'AgentSpawned',
  'ChildEnded',
  'AgentCompleted',
] as const;
export type Step = (typeof steps)[number];

interface Timed {
  /** Pause after the fault before it. */
  readonly afterMs: number;
}

export type Fault = Timed &
  (
    | { readonly kind: 'kill'; readonly process: string }
    /** SIGSTOP, and SIGCONT after `forMs`. */
    | { readonly kind: 'stop'; readonly process: string; readonly forMs: number }
    | { readonly kind: 'kill all' }
    | ({ readonly kind: 'stop at'; readonly process: string; readonly forMs: number } & Moment)
    /** All of them at the same instant. */
    | ({ readonly kind: 'kill at'; readonly processes: readonly string[] } & Moment)
  );

/** `delayMs` after so many more events of this type were sent to the log. */
export interface Moment {
  readonly step: Step;
  readonly count: number;
  readonly delayMs: number;
}

export interface PlanOptions {
  readonly kills: number;
  readonly servers: number;
  readonly seed: number;
  readonly seconds?: number | undefined;
}

const MEAN_PAUSE_MS = 2_000;
const SHORTEST_PAUSE_MS = 200;
const SHORTEST_STOP_MS = 100;
const LONGEST_STOP_MS = 8_000;
/** A worker that is stopped for longer than its lease of 4 s comes back as one that was given up. */
const BEYOND_LEASE_MS = 4_500;
const LONGEST_DELAY_MS = 15;
const MOST_EVENTS = 12;

const RUNTIMES = ['runtime', 'runtime2'];
const services = [...RUNTIMES, 'scheduler', 'scheduler2', 'edge', 'edge2', 'auth'];
/** Twice as often as others: they do the work. */
const often = RUNTIMES;

/** Names of the nats-servers of a stack. */
export function serverNames(servers: number): string[] {
  return Array.from({ length: servers }, (_, index) => (index === 0 ? 'nats' : `nats${index + 1}`));
}

/** The faults of a run: the same for the same options. Each of the steps is struck before one is struck again. */
export function planFaults({ kills, servers, seed, seconds }: PlanOptions): Fault[] {
  const random = new Random(seed);
  const nats = serverNames(servers);
  const targets = [...services, ...often, ...nats, ...(servers === 1 ? nats : [])];
  const meanMs = seconds === undefined ? MEAN_PAUSE_MS : (seconds * 1_000) / Math.max(1, kills);
  const nextKill = momentsOf(random);
  const nextStop = momentsOf(random);
  return Array.from({ length: kills }, () => {
    const afterMs = random.between(SHORTEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, 2 * meanMs));
    const chance = random.next();
    if (chance < 0.4) {
      const processes = [random.pick(nats), random.pick(RUNTIMES)];
      return { kind: 'kill at', afterMs, ...nextKill(), processes };
    }
    if (chance < 0.5) {
      const forMs = random.between(BEYOND_LEASE_MS, LONGEST_STOP_MS);
      return { kind: 'stop at', afterMs, ...nextStop(), process: random.pick(RUNTIMES), forMs };
    }
    if (chance < 0.75) return { kind: 'kill', afterMs, process: random.pick(targets) };
    if (chance < 0.92) {
      const forMs = random.between(SHORTEST_STOP_MS, LONGEST_STOP_MS);
      return { kind: 'stop', afterMs, process: random.pick(targets), forMs };
    }
    return { kind: 'kill all', afterMs };
  });
}

/** One fault in words. */
export function faultText(fault: Fault): string {
  if (fault.kind === 'kill') return `kill ${fault.process}`;
  if (fault.kind === 'stop') return `stop ${fault.process} for ${fault.forMs} ms`;
  if (fault.kind === 'kill all') return 'kill all';
  const moment = `${fault.delayMs} ms after ${fault.step} number ${fault.count}`;
  return fault.kind === 'kill at'
    ? `kill ${fault.processes.join(' and ')} ${moment}`
    : `stop ${fault.process} for ${fault.forMs} ms, ${moment}`;
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
