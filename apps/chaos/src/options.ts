import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface ChaosOptions {
  /** Faults in all. */
  readonly kills: number;
  /** nats-servers of the stack. */
  readonly servers: number;
  /** The same seed, kills, servers and seconds are the same faults in the same order. */
  readonly seed: number;
  /** About how long the faults take; undefined: about 2 s each. */
  readonly seconds: number | undefined;
  /** Agents under way at the same time, as a share of the usual number. */
  readonly load: number;
  /** Seconds that the one nats-server is away when it is. */
  readonly away: number;
  /** Seconds that a process which dies again and again is away at most, before it is started again. */
  readonly pause: number;
  /** Seconds that agents have to end once every process runs again. */
  readonly patience: number;
}

export const USAGE = `npm run chaos -- --kills N [--servers 3] [--seed S] [--seconds N] [--load SHARE] [--patience SECONDS] [--away SECONDS] [--pause SECONDS]`;

const SEEDS = 2 ** 31;

/** `help` when the usage is asked for. @throws Error that says what is wrong */
export function readOptions(args: readonly string[]): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '20' },
      servers: { type: 'string', default: '1' },
      seed: { type: 'string' },
      seconds: { type: 'string' },
      load: { type: 'string', default: '1' },
      patience: { type: 'string', default: '60' },
      away: { type: 'string', default: '10' },
      pause: { type: 'string', default: '10' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { kills, servers, seed, seconds, load, patience, away, pause } = values;
  return {
    kills: numberOf('kills', kills),
    servers: numberOf('servers', servers),
    seed: seed === undefined ? randomInt(SEEDS) : numberOf('seed', seed),
    seconds: seconds === undefined ? undefined : numberOf('seconds', seconds),
    load: numberOf('load', load),
    patience: numberOf('patience', patience),
    away: numberOf('away', away),
    pause: numberOf('pause', pause),
  };
}

/** The command that does the same again. */
export function commandOf(options: ChaosOptions): string {
  const { kills, servers, seed, seconds, load, patience, away, pause } = options;
  const words = [`--kills ${kills}`, `--seed ${seed}`];
  if (servers !== 1) words.push(`--servers ${servers}`);
  if (seconds !== undefined) words.push(`--seconds ${seconds}`);
  if (load !== 1) words.push(`--load ${load}`);
  if (patience !== 60) words.push(`--patience ${patience}`);
  if (away !== 10) words.push(`--away ${away}`);
  if (pause !== 10) words.push(`--pause ${pause}`);
  return `npm run chaos -- ${words.join(' ')}`;
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new Error(`--${name} is no number: ${text}`);
}
