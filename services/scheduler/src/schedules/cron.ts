import type { ScheduleDefinition } from '@skynet/contracts';
import { WorldError } from '@skynet/platform';
import { Cron } from 'croner';

const MINUTE_MS = 60_000;
const MAX_CHARS = 200;
const FIVE_FIELDS = /^\S+( +\S+){4}$/;

type Timing = ScheduleDefinition['timing'];
export type CronTiming = Extract<Timing, { kind: 'cron' }>;

/** Why it is no time at which agents can be spawned; undefined when it is one. */
export function faultOfCron(timing: CronTiming, nowMs: number): string | undefined {
  const { expression, timeZone } = timing;
  if (expression.length > MAX_CHARS || !FIVE_FIELDS.test(expression)) {
    return 'cron: expected five fields, minute hour day month weekday, for example 0 7 * * 1-5';
  }
  if (!isTimeZone(timeZone)) {
    return `timeZone: expected an IANA name such as Europe/Berlin, not ${timeZone.slice(0, 64)}`;
  }
  try {
    const next = nextOf(cronOf(timing), nowMs);
    return next === undefined ? 'cron: such a time never comes' : undefined;
  } catch (error) {
    return `cron: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * The first tick after that time; undefined when none comes.
 *
 * @throws WorldError `retry: 'never'` when this process does not know the time zone
 */
export function nextTickMs(timing: Timing, afterMs: number): number | undefined {
  if (timing.kind === 'once') return timing.atMs > afterMs ? timing.atMs : undefined;
  return asKnownHere(timing, (cron) => nextOf(cron, afterMs));
}

/**
 * The latest tick that is not after `nowMs`, of those from `fromMs` on, which is one itself.
 *
 * @throws WorldError as `nextTickMs`
 */
export function latestTickMs(timing: Timing, fromMs: number, nowMs: number): number {
  if (timing.kind === 'once') return fromMs;
  return asKnownHere(timing, (cron) => latestOf(cron, fromMs, nowMs));
}

function latestOf(cron: Cron, fromMs: number, nowMs: number): number {
  const nextAfter = (timeMs: number) => nextOf(cron, timeMs) ?? Infinity;
  // Ticks stand at whole minutes: halve the time in which the latest one may be until it is found.
  let low = fromMs;
  let high = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / MINUTE_MS / 2) * MINUTE_MS;
    if (nextAfter(middle - 1) <= nowMs) low = middle;
    else high = middle;
  }
  const found = nextAfter(low - 1);
  return found <= nowMs ? found : fromMs;
}

/** What was taken once, another release of Node may not know. */
function asKnownHere<Result>(timing: CronTiming, ask: (cron: Cron) => Result): Result {
  try {
    return ask(cronOf(timing));
  } catch (cause) {
    const { expression, timeZone } = timing;
    throw new WorldError(`${expression} ${timeZone}: not known here`, 'never', { cause });
  }
}

function nextOf(cron: Cron, afterMs: number): number | undefined {
  return cron.nextRun(new Date(afterMs))?.getTime();
}

function cronOf({ expression, timeZone }: CronTiming): Cron {
  return new Cron(expression, { timezone: timeZone, mode: '5-part' });
}

/** Names only: an offset would not follow what people change their clocks to. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
