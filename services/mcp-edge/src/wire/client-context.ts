import type { ClientContext } from '@skynet/contracts';
import { parseTraceparent } from '@skynet/platform';
import { clientTrace } from './client-trace.js';

export interface ReadContext {
  /** Absent when there is nothing. */
  readonly context: ClientContext | undefined;
  /** Parts that are not in it, each with the reason; no values. */
  readonly leftOut: readonly string[];
}

type Carrier = Readonly<Partial<Record<'traceparent' | 'tracestate' | 'baggage', unknown>>>;

/** Of either list: no more is looked at. */
const MOST_PARTS = 64;
/** https://www.w3.org/TR/trace-context-2/#tracestate-limits */
const TRACESTATE = { members: 32, characters: 512, longMember: 128 };
const MEMBER = /^([a-z0-9][a-z0-9_*/@-]{0,255})=[ -+.-<>-~-]{0,255}[!-+.-<>-~-]$/;
/** The standard has entries of any length up to that of all. */
const BAGGAGE = { characters: 8_192, ofEntry: 4_096 };
/** https://www.w3.org/TR/baggage/#definition */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^(?:[!#$&-+.-:<-[\]-~-]|%[0-9A-Fa-f]{2})*$/;
/** Parts that are told one by one, and characters of their names. */
const MOST_TOLD = 16;
const NAME_CHARS = 64;

/**
 * What a client sends beside `traceparent`, in the message, else in the headers of its request. Not by the parsers of
 * OpenTelemetry: they drop baggage without a value, keep the older of two members, and say nothing of what they drop.
 */
export function clientContext(meta: unknown, headers?: Headers): ReadContext {
  const carriers = [Object(meta) as Carrier, fieldsOf(headers)];
  const leftOut = new LeftOut();
  const traceId = parseTraceparent(clientTrace(meta, headers))?.traceId;
  const tracestate = tracestateOf(carriers, traceId, leftOut);
  const baggage = baggageOf(carriers, leftOut);
  const isEmpty = tracestate === undefined && baggage === undefined;
  return {
    context: isEmpty
      ? undefined
      : { ...(tracestate && { tracestate }), ...(baggage && { baggage }) },
    leftOut: leftOut.told,
  };
}

function fieldsOf(headers: Headers | undefined): Carrier {
  const get = (name: string) => headers?.get(name) ?? undefined;
  return {
    traceparent: get('traceparent'),
    tracestate: get('tracestate'),
    baggage: get('baggage'),
  };
}

function tracestateOf(
  carriers: readonly Carrier[],
  traceId: string | undefined,
  leftOut: LeftOut,
): ClientContext['tracestate'] {
  const sent = carriers.flatMap(({ traceparent, tracestate }) =>
    typeof tracestate === 'string' && tracestate !== '' ? [{ traceparent, tracestate }] : [],
  );
  if (sent.length === 0) return undefined;
  const own = sent.find(({ traceparent }) => traceIdOf(traceparent) === traceId);
  if (own === undefined || traceId === undefined) {
    leftOut.add('tracestate', 'without a traceparent of its trace');
    return undefined;
  }
  const members = membersOf(own.tracestate, leftOut);
  return members === '' ? undefined : { traceId, members };
}

function traceIdOf(traceparent: unknown): string | undefined {
  return typeof traceparent === 'string' ? parseTraceparent(traceparent)?.traceId : undefined;
}

function membersOf(tracestate: string, leftOut: LeftOut): string {
  const members = new Map<string, string>();
  for (const { text, place } of partsOf(tracestate, () => leftOut.add('tracestate', BEHIND))) {
    const key = MEMBER.exec(text)?.[1];
    if (key === undefined) leftOut.add(`tracestate member ${place}`, 'malformed');
    // The newest stands first.
    else if (members.has(key)) leftOut.add(`tracestate ${nameOf(key)}`, 'there twice');
    else members.set(key, text);
  }
  const kept = [...members];
  for (const [key] of kept.splice(TRACESTATE.members))
    leftOut.add(`tracestate ${nameOf(key)}`, `beyond ${TRACESTATE.members} members`);
  const written = () => kept.map(([, text]) => text).join();
  while (written().length > TRACESTATE.characters) {
    // -1 is the last one.
    const index = kept.findLastIndex(([, text]) => text.length > TRACESTATE.longMember);
    for (const [key] of kept.splice(index, 1))
      leftOut.add(`tracestate ${nameOf(key)}`, `beyond ${TRACESTATE.characters} characters`);
  }
  return written();
}

function baggageOf(carriers: readonly Carrier[], leftOut: LeftOut): ClientContext['baggage'] {
  const sent = carriers.map(({ baggage }) => baggage).find((each) => typeof each === 'string');
  if (sent === undefined) return undefined;
  const kept: string[] = [];
  let characters = 0;
  for (const { text, place } of partsOf(sent, () => leftOut.add('baggage', BEHIND))) {
    if (text.length > BAGGAGE.ofEntry) {
      leftOut.add(`baggage entry ${place}`, `longer than ${BAGGAGE.ofEntry} characters`);
      continue;
    }
    const entry = readEntry(text);
    if (entry === undefined) {
      leftOut.add(`baggage entry ${place}`, 'malformed');
      continue;
    }
    const size = entry.text.length + (kept.length === 0 ? 0 : 1);
    if (characters + size > BAGGAGE.characters) {
      leftOut.add(`baggage ${nameOf(entry.key)}`, `beyond ${BAGGAGE.characters} characters`);
      continue;
    }
    characters += size;
    kept.push(entry.text);
  }
  return kept.length === 0 ? undefined : kept;
}

/** As it was sent but for spaces; properties after `;` are part of it. */
function readEntry(sent: string): { readonly key: string; readonly text: string } | undefined {
  const [first = [], ...rest] = sent.split(';').map((part) => pairIn(part));
  const [key, value] = first;
  if (key === undefined || value === undefined || !TOKEN.test(key) || !VALUE.test(value))
    return undefined;
  const properties = rest.filter(([name, set]) => name !== '' || set !== undefined);
  const isFine = properties.every(([name = '', set = '']) => TOKEN.test(name) && VALUE.test(set));
  const parts = [first, ...properties].map((pair) => pair.join('='));
  return isFine ? { key, text: parts.join(';') } : undefined;
}

/** One part where there is no `=`. */
function pairIn(text: string): readonly string[] {
  const at = text.indexOf('=');
  const both = at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
  return both.map((part) => part.trim());
}

const BEHIND = `what is behind part ${MOST_PARTS}`;

/** The parts of a list, trimmed and with their places from 1. */
function* partsOf(list: string, onMore: () => void) {
  let place = 0;
  for (let from = 0; from <= list.length;) {
    place += 1;
    if (place > MOST_PARTS) return onMore();
    const comma = list.indexOf(',', from);
    const end = comma < 0 ? list.length : comma;
    const text = list.slice(from, end).trim();
    if (text !== '') yield { text, place };
    from = end + 1;
  }
}

function nameOf(key: string): string {
  return key.slice(0, NAME_CHARS);
}

/** Tells of a few parts one by one, and counts the others. */
class LeftOut {
  private readonly parts: string[] = [];
  private more = 0;

  get told(): readonly string[] {
    return this.more === 0 ? this.parts : [...this.parts, `${this.more} more`];
  }

  add(part: string, reason: string): void {
    if (this.parts.length < MOST_TOLD) this.parts.push(`${part}: ${reason}`);
    else this.more += 1;
  }
}
