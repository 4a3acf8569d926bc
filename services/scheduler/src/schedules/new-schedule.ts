import {
  MAX_AHEAD_SECONDS,
  rejection,
  type ScheduleDefinition,
  type ScheduleRequest,
} from '@skynet/contracts';
import type { Refused } from '@skynet/kernel';
import { faultOfCron, nextTickMs } from './cron.js';

/** It stands in the log whole. */
const MAX_SPAWN_BYTES = 32 * 1_024;

type Create = ScheduleRequest<'create'>;

/** What was asked for as it is kept from now on, or why it can't be. */
export function newSchedule(request: Create, nowMs: number): ScheduleDefinition | Refused {
  const { when, ...asked } = request;
  const bytes = Buffer.byteLength(JSON.stringify(asked.spawn));
  if (bytes > MAX_SPAWN_BYTES) {
    return no(`agent: ${bytes} bytes, and a schedule keeps at most ${MAX_SPAWN_BYTES}`);
  }
  const timing = timingOf(when, nowMs);
  const fault = timing.kind === 'cron' ? faultOfCron(timing, nowMs) : faultOfTime(timing, nowMs);
  if (fault !== undefined) return no(fault);
  // What was to come at once comes as soon as it is known.
  const first = nextTickMs(timing, nowMs) ?? nowMs;
  return { ...asked, timing, createdAtMs: nowMs, nextTickMs: first };
}

function timingOf(when: Create['when'], nowMs: number): ScheduleDefinition['timing'] {
  switch (when.kind) {
    case 'cron': {
      const expression = when.expression.trim().replaceAll(/\s+/g, ' ');
      return { kind: 'cron', expression, timeZone: when.timeZone };
    }
    case 'at':
      return { kind: 'once', atMs: when.atMs };
    case 'after':
      return { kind: 'once', atMs: nowMs + when.seconds * 1_000 };
  }
}

function faultOfTime({ atMs }: { readonly atMs: number }, nowMs: number): string | undefined {
  if (atMs <= nowMs) return `at: ${new Date(atMs).toISOString()} is over`;
  const isTooFar = atMs > nowMs + MAX_AHEAD_SECONDS * 1_000;
  return isTooFar ? 'at: more than a year ahead' : undefined;
}

function no(message: string): Refused {
  return { refused: rejection('INVALID_ARGUMENTS', message) };
}
