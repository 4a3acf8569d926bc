import type { LedGroup } from '../cluster/cluster.js';
import type { Cut } from '../cluster/route-proxies.js';

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
    /** Stopped for nine tenths of the time. */
    | { readonly kind: 'starve'; readonly process: string; readonly forMs: number }
    | { readonly kind: 'kill all' }
    /** SIGTERM: it gives what it has under way to others, and ends. */
    | { readonly kind: 'hand over'; readonly process: string }
    /** Killed whenever it comes back, for `forMs`. */
    | { readonly kind: 'away'; readonly process: string; readonly forMs: number }
    /** The one nats-server has no room for `forMs`. */
    | { readonly kind: 'disk full'; readonly process: string; readonly forMs: number }
    /** The wall clock of a service steps, and back after `forMs`. */
    | {
        readonly kind: 'clock';
        readonly process: string;
        readonly byMs: number;
        readonly forMs: number;
      }
    | ({ readonly kind: 'stop at'; readonly process: string; readonly forMs: number } & Moment)
    /** All of them at the same instant. */
    | ({ readonly kind: 'kill at'; readonly processes: readonly string[] } & Moment)
    /** A nats-server and the others are cut off from each other; its clients still reach it. */
    | {
        readonly kind: 'partition';
        readonly process: string;
        readonly cut: Cut;
        readonly forMs: number;
      }
    /** A nats-server is killed, and comes back without its store. */
    | { readonly kind: 'wipe'; readonly process: string }
    | ({ readonly kind: 'step down' } & Elections)
  );

/** `delayMs` after so many more events of this type were sent to the log. */
export interface Moment {
  readonly step: Step;
  readonly count: number;
  readonly delayMs: number;
}

/** The leader is asked so often, with this pause, to let another server lead. */
export interface Elections {
  readonly group: LedGroup;
  readonly times: number;
  readonly everyMs: number;
}

/** One fault in words. */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case 'kill all':
      return fault.kind;
    case 'kill':
    case 'wipe':
    case 'hand over':
      return `${fault.kind} ${fault.process}`;
    case 'away':
    case 'disk full':
    case 'stop':
    case 'starve':
      return `${fault.kind} ${fault.process} for ${fault.forMs} ms`;
    case 'clock':
      return `clock of ${fault.process} by ${fault.byMs} ms for ${fault.forMs} ms`;
    case 'partition':
      return `partition: ${fault.process} is ${fault.cut} for ${fault.forMs} ms`;
    case 'step down':
      return `step down, ${electionsText(fault)}`;
    case 'kill at':
      return `kill ${fault.processes.join(' and ')} ${momentText(fault)}`;
    case 'stop at':
      return `stop ${fault.process} for ${fault.forMs} ms, ${momentText(fault)}`;
  }
}

function momentText({ delayMs, step, count }: Moment): string {
  return `${delayMs} ms after ${step} number ${count}`;
}

function electionsText({ group, times, everyMs }: Elections): string {
  return `leader of ${group.of} ${group.name}, ${times} times, every ${everyMs} ms`;
}
