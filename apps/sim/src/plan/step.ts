import type { Extension, QuotaChanges } from '@skynet/contracts';
import type { Weather } from '../ports/weather.js';

export const processes = ['runtime-0', 'runtime-1', 'scheduler-0', 'scheduler-1'] as const;
export type ProcessName = (typeof processes)[number];

/** When no such commit comes within this time, the process is left alone. */
export const AMBUSH_MS = 3_000;

/** What clients do, and what goes wrong, and when: milliseconds since the start. */
export type Step = { readonly atMs: number } & (
  | {
      readonly do: 'spawn';
      readonly root: number;
      readonly tenant: string;
      /** With a key its agent is the same however often it is sent. */
      readonly hasKey: boolean;
      /** Sent once more so much later; with other arguments under the same key it is refused. */
      readonly again?: { readonly afterMs: number; readonly isOther: boolean };
      readonly seconds?: number;
      readonly tokens?: number;
      readonly priority?: number;
    }
  | { readonly do: 'terminate' | 'pause' | 'resume' | 'spawnChild'; readonly target: number }
  /** At one moment, to one agent. */
  | {
      readonly do: 'burst';
      readonly target: number;
      readonly commands: readonly ('pause' | 'resume')[];
      /** Each of them is sent twice under one id. */
      readonly isTwice: boolean;
    }
  /** So many messages to one agent, one right after the other; each of them may be sent twice under one id. */
  | {
      readonly do: 'message';
      readonly target: number;
      readonly count: number;
      readonly interrupts: boolean;
      readonly isTwice: boolean;
    }
  /** More budget or time for one agent; it may be sent twice under one id, and never again by who does not care. */
  | {
      readonly do: 'extend';
      readonly target: number;
      readonly add: Extension;
      readonly isTwice: boolean;
      readonly isCareless: boolean;
    }
  /** Once after so many seconds, or each minute. */
  | {
      readonly do: 'schedule';
      readonly schedule: number;
      readonly tenant: string;
      readonly afterSeconds?: number;
      readonly isTwice: boolean;
    }
  | { readonly do: 'cancel'; readonly schedule: number; readonly tenant: string }
  | { readonly do: 'quotas'; readonly tenant: string; readonly changes: QuotaChanges }
  | {
      readonly do: 'crash' | 'stop' | 'restart';
      readonly process: ProcessName;
      readonly forMs: number;
    }
  /**
   * At the worst moment: when a commit that ends with such an event is in the log, and nobody knows. A runtime has written
   * it itself.
   */
  | {
      readonly do: 'crashAfter' | 'stopAfter';
      readonly process: ProcessName;
      readonly event: string;
      readonly forMs: number;
    }
  /** With `forMs`, it is right again after that. */
  | {
      readonly do: 'clock';
      readonly process: ProcessName;
      readonly skewMs: number;
      readonly forMs?: number;
    }
  | { readonly do: 'weather'; readonly weather: Partial<Weather>; readonly forMs: number }
);

/** When all is over that it brings about, milliseconds since the start of the plan. */
export function endOf(step: Step): number {
  const forMs = 'forMs' in step ? (step.forMs ?? 0) : 0;
  const againMs = step.do === 'spawn' ? (step.again?.afterMs ?? 0) : 0;
  const ambushMs = 'event' in step ? AMBUSH_MS : 0;
  return step.atMs + ambushMs + forMs + againMs;
}
