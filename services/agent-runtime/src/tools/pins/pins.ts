import type { Definition } from '../definition.js';

/** A definition and when it was first seen or approved. */
export interface DatedDefinition extends Definition {
  readonly sinceMs: number;
}

/** What is known of one tool of a server. */
export interface Pin {
  /** What agents may be offered; absent for a new tool of a server that is under suspicion. */
  readonly pinned?: DatedDefinition;
  /** What the server says instead, until an operator has approved it. */
  readonly waiting?: DatedDefinition;
}

/** By the names of a server's tools. Tools that are gone stay: one that comes back is to be the same. */
export type Pins = ReadonlyMap<string, Pin>;

/** What a server serves, by name. */
export type Served = ReadonlyMap<string, Definition>;

export interface Sight {
  readonly served: Served;
  readonly nowMs: number;
  /** The server was asked anew; else only the pins are others than at the last sight. Then nothing is overwritten, as
   *  replicas that see different definitions would do for ever. */
  readonly isNew: boolean;
}

export const NO_PINS: Pins = new Map();

/** So that the pins of a server fit into one entry of any store. */
const MAX_BYTES = 512 * 1_024;
/** Of an entry besides its name: two hashes, two times. */
const ENTRY_BYTES = 256;

/**
 * The pins after a look at what the server serves; the same object when nothing is to be written. What was never seen is
 * pinned, unless another definition has changed: then it waits as well. What has changed waits.
 */
export function observe(pins: Pins, { served, nowMs, isNew }: Sight): Pins {
  const next = new Map(pins);
  const isSuspect = [...served].some(([name, definition]) =>
    hasChanged(pins.get(name), definition),
  );
  let bytes = [...pins.keys()].reduce((sum, name) => sum + bytesOf(name), 0);
  let isOther = false;
  for (const [name, definition] of served) {
    const known = pins.get(name);
    const dated = { ...definition, sinceMs: nowMs };
    const pin = known === undefined ? firstSight(dated, isSuspect) : seenAgain(known, dated, isNew);
    if (pin === known) continue;
    if (known === undefined && (bytes += bytesOf(name)) > MAX_BYTES) break;
    next.set(name, pin);
    isOther = true;
  }
  return isOther ? next : pins;
}

/** The pins of a server that is trusted: what it serves, and nothing else. The same object when that is so already. */
export function follow(pins: Pins, { served, nowMs }: Sight): Pins {
  const isSo = ([name, { hash }]: readonly [string, Definition]) => {
    const pin = pins.get(name);
    return pin?.pinned?.hash === hash && pin.waiting === undefined;
  };
  if (pins.size === served.size && [...served].every(isSo)) return pins;
  return observe(NO_PINS, { served, nowMs, isNew: true });
}

/** The pins after what waits of these tools was approved. */
export function approve(pins: Pins, tools: readonly string[], nowMs: number): Pins {
  const next = new Map(pins);
  for (const tool of tools) {
    const waiting = pins.get(tool)?.waiting;
    if (waiting !== undefined) next.set(tool, { pinned: { ...waiting, sinceMs: nowMs } });
  }
  return next;
}

/** Names of the tools that wait for approval. */
export function waitingIn(pins: Pins): string[] {
  return [...pins].filter(([, { waiting }]) => waiting !== undefined).map(([name]) => name);
}

/** Why a tool is not to be offered, up to the word on what to do; undefined when it is as it was pinned. */
export function whyQuarantined(pin: Pin | undefined, { hash }: Definition): string | undefined {
  if (pin?.pinned?.hash === hash) return undefined;
  if (pin === undefined)
    return 'it can not be pinned: the pins of its server are full, or can not be written now';
  return pin.pinned === undefined
    ? `it is new since ${dayAndTime(pin.waiting)}, while another definition of its server has changed`
    : `its definition has changed since ${dayAndTime(pin.waiting)}`;
}

function hasChanged(pin: Pin | undefined, { hash }: Definition): boolean {
  return pin?.pinned !== undefined && pin.pinned.hash !== hash;
}

function firstSight(dated: DatedDefinition, isSuspect: boolean): Pin {
  return isSuspect ? { waiting: dated } : { pinned: dated };
}

function seenAgain(known: Pin, dated: DatedDefinition, isNew: boolean): Pin {
  const { pinned, waiting } = known;
  if (pinned?.hash === dated.hash) {
    return waiting === undefined || !isNew ? known : { pinned };
  }
  if (waiting !== undefined && (waiting.hash === dated.hash || !isNew)) return known;
  return { ...known, waiting: dated };
}

function bytesOf(name: string): number {
  return Buffer.byteLength(name) + ENTRY_BYTES;
}

function dayAndTime(definition: DatedDefinition | undefined): string {
  if (definition === undefined) return 'lately';
  return `${new Date(definition.sinceMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
