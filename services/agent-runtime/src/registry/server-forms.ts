import type { Mistake } from './entries/entry-reader.js';

/** A server entry in our own form. */
export interface ServerForm {
  readonly raw: unknown;
  readonly isDisabled: boolean;
  readonly mistakes: readonly Mistake[];
}

type Raw = Readonly<Record<string, unknown>>;

const TRANSPORTS: Readonly<Record<string, string>> = {
  stdio: 'stdio',
  local: 'stdio',
  http: 'http',
  'streamable-http': 'http',
  streamable_http: 'http',
  streamableHttp: 'http',
  remote: 'http',
  sse: 'sse',
};
const URL_KEYS = ['url', 'serverUrl', 'httpUrl'];
/** Keys of other clients that mean something only there, and what is done here instead. */
const LEFT_ASIDE: Readonly<Record<string, string>> = {
  autoApprove: 'Grants say which tools an agent may call; remove it.',
  alwaysAllow: 'Grants say which tools an agent may call; remove it.',
};

/** Brings what the READMEs of public servers print into our own form. */
export function serverForm(entry: unknown): ServerForm {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return { raw: entry, isDisabled: false, mistakes: [] };
  }
  const { type, disabled, enabled, ...given } = entry as Raw;
  const aside = Object.keys(LEFT_ASIDE).filter((key) => key in given);
  const mistakes = aside.map((key): Mistake => {
    const cause = 'it has no meaning here and is ignored';
    return { path: [key], cause, next: LEFT_ASIDE[key] ?? '', severity: 'warning' };
  });
  const urlKey = URL_KEYS.find((key) => key in given);
  const renamed = [...aside, ...URL_KEYS, 'transport'];
  const raw: Record<string, unknown> = without(given, renamed);
  if (urlKey !== undefined) raw['url'] = given[urlKey];
  for (const key of ['env', 'headers']) if (key in raw) raw[key] = textsOf(raw[key]);
  if (Array.isArray(raw['args'])) raw['args'] = raw['args'].map(textOf);
  raw['transport'] = transportOf(given['transport'] ?? type, raw);
  const isDisabled = disabled === true || enabled === false;
  return { raw, isDisabled, mistakes };
}

function without(raw: Raw, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !keys.includes(key)));
}

function transportOf(named: unknown, { command, url }: Raw): unknown {
  if (typeof named === 'string') return TRANSPORTS[named] ?? named;
  if (named !== undefined) return named;
  if (command !== undefined || url === undefined) return 'stdio';
  return typeof url === 'string' && /\/sse\/?(\?|$)/.test(url) ? 'sse' : 'http';
}

function textsOf(values: unknown): unknown {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return values;
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, textOf(value)]));
}

function textOf(value: unknown): unknown {
  return ['number', 'boolean'].includes(typeof value) ? String(value) : value;
}
