import { Secret } from '../../runtime/secret.js';
import type { OtelEnvironment } from './otel.config.js';

type Name = keyof OtelEnvironment;

/** Of a list of `key=value`. */
const PAIRS_MAX = 128;
const VALUE_MAX_CHARACTERS = 8_192;

/** What a setting takes, in words, and how its text reads; undefined: it makes no sense. */
export interface Kind<Value> {
  readonly takes: string;
  read(text: string): Value | undefined;
}

/** Reads single settings; what makes no sense is noted, without its value, and counts as not set. */
export class SettingReader {
  readonly problems: string[] = [];

  constructor(private readonly environment: OtelEnvironment) {}

  /** The first of these settings that makes sense. */
  first<Value>(names: readonly Name[], kind: Kind<Value>): Value | undefined {
    for (const name of names) {
      const text = this.textOf(name);
      if (text === undefined) continue;
      const value = kind.read(text);
      if (value !== undefined) return value;
      this.problems.push(`${name}: does not count, it takes ${kind.takes}`);
    }
    return undefined;
  }

  /** A list `key=value,key=value`, percent-encoded; `fits` says which pairs make sense. */
  pairs(name: Name, fits: (key: string, value: string) => boolean): Record<string, string> {
    const parts = (this.textOf(name) ?? '').split(',').filter((part) => part.trim() !== '');
    const good = parts
      .map(pairOf)
      .filter((pair) => pair !== undefined)
      .filter(([key, value]) => value.length <= VALUE_MAX_CHARACTERS && fits(key, value))
      .slice(0, PAIRS_MAX);
    const left = parts.length - good.length;
    if (left > 0) this.problems.push(`${name}: ${left} of its parts do not count`);
    return Object.fromEntries(good);
  }

  isSet(name: Name): boolean {
    return this.textOf(name) !== undefined;
  }

  private textOf(name: Name): string | undefined {
    const value = this.environment[name];
    const text = value instanceof Secret ? value.reveal() : value;
    return text?.trim() || undefined;
  }
}

export const anyText: Kind<string> = { takes: 'a text', read: (text) => text };

export const flag: Kind<boolean> = {
  takes: 'true or false',
  read: (text) => ({ true: true, false: false })[text.toLowerCase()],
};

export function wholeNumber(least: number): Kind<number> {
  return {
    takes: `a whole number from ${least}`,
    read: (text) => {
      const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
      return value >= least ? value : undefined;
    },
  };
}

/** A time that a timer can wait. */
export const milliseconds: Kind<number> = {
  takes: 'milliseconds, from 1 to a day',
  read: (text) => {
    const value = wholeNumber(1).read(text);
    return value === undefined || value > 86_400_000 ? undefined : value;
  },
};

export const ratioOfTraces: Kind<number> = {
  takes: 'a number from 0 to 1',
  read: (text) => {
    const value = Number(text);
    return value >= 0 && value <= 1 ? value : undefined;
  },
};

export function oneOf<Choice extends string>(...choices: readonly Choice[]): Kind<Choice> {
  return {
    takes: choices.join(', '),
    read: (text) => choices.find((choice) => choice === text.toLowerCase()),
  };
}

function pairOf(part: string): [string, string] | undefined {
  const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
  if (key.trim() === '') return undefined;
  try {
    return [decodeURIComponent(key.trim()), decodeURIComponent(value.trim())];
  } catch {
    return undefined;
  }
}
