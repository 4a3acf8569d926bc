import { sha256Hex } from './hashing.js';

/** A place in a trace, as W3C Trace Context writes it in `traceparent`. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;
const LENGTH = 55;
/** Of versions that are still to come. */
const LONGEST = 512;

/** All spans of an agent ask for the same: answers are kept for about so many keys. */
function remembering<Value>(most: number, find: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, { readonly value: Value }>();
  return (key) => {
    const answer = known.get(key);
    if (answer !== undefined) return answer.value;
    const value = find(key);
    if (known.size >= most) known.clear();
    known.set(key, { value });
    return value;
  };
}

/**
 * Undefined for what is no `traceparent`; a later version than 00 is read as far as 00 knows it.
 * https://www.w3.org/TR/trace-context/
 */
export function parseTraceparent(text = ''): TraceContext | undefined {
  return text.length === LENGTH ? read(text) : parsed(text);
}

const read = remembering(4_096, parsed);

function parsed(text: string): TraceContext | undefined {
  if (text.length > LONGEST) return undefined;
  const [, version, traceId, spanId, flags = '', rest] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  if (version === '00' && rest !== undefined) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** A place that may have been read already; undefined for what is none. */
export function tracePlaceOf(place: string | TraceContext | undefined): TraceContext | undefined {
  return typeof place === 'string' ? parseTraceparent(place) : place;
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** The id of a span that others must be able to name: the same parts give the same id in every process. */
export function derivedSpanId(...parts: readonly string[]): string {
  return sha256Hex(parts.join('\n')).slice(0, 16);
}

/** The span that all that an agent does, and the spans of its children, stand below. */
export const agentSpanId = remembering(4_096, (agentId) => derivedSpanId(agentId, 'agent'));
