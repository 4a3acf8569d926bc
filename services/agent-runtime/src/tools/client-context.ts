import type { ClientContext } from '@skynet/contracts';
import { parseTraceparent } from '@skynet/platform';
import type { ServerEntry } from '../registry/registry.config.js';

/** Of baggage in the log, where it stands for good: the standard has more. */
const BAGGAGE_MAX = { entries: 16, characters: 1_024 };
/** Parts that are told one by one, and characters of their names. */
const MOST_TOLD = 16;
const NAME_CHARS = 64;

type Allowed = NonNullable<ServerEntry['context']>;

export interface KeptContext {
  /** Absent when there is nothing. */
  readonly context?: ClientContext;
  /** Parts that are not kept, each with the reason; no values. */
  readonly leftOut: readonly string[];
}

/** As `ToolCallRequest` has it. */
interface PassedContext {
  readonly tracestate?: string;
  readonly baggage?: string;
}

/** What of a client's context the log keeps: what one of these servers may see. */
export function keptContext(
  sent: ClientContext,
  servers: Readonly<Record<string, ServerEntry>>,
): KeptContext {
  const allowed = Object.values(servers).flatMap(({ context }) => context ?? []);
  const leftOut: string[] = [];
  const isTracestateKept = allowed.some(({ tracestate }) => tracestate);
  if (sent.tracestate !== undefined && !isTracestateKept)
    leftOut.push('tracestate: no tool server may see it');
  const names = new Set(allowed.flatMap(({ baggage }) => baggage));
  const baggage: string[] = [];
  let characters = 0;
  for (const entry of sent.baggage ?? []) {
    const size = entry.length + (baggage.length === 0 ? 0 : 1);
    const reason = whyNot(entry, names, { entries: baggage.length, characters: characters + size });
    if (reason !== undefined) {
      leftOut.push(`baggage ${keyOf(entry).slice(0, NAME_CHARS)}: ${reason}`);
      continue;
    }
    characters += size;
    baggage.push(entry);
  }
  const tracestate = isTracestateKept ? sent.tracestate : undefined;
  const more = leftOut.splice(MOST_TOLD).length;
  return {
    ...contextOf(tracestate, baggage),
    leftOut: more === 0 ? leftOut : [...leftOut, `${more} more`],
  };
}

function whyNot(
  entry: string,
  names: ReadonlySet<string>,
  { entries, characters }: typeof BAGGAGE_MAX,
): string | undefined {
  if (!names.has(keyOf(entry))) return 'no tool server may see it';
  if (entries >= BAGGAGE_MAX.entries) return `beyond ${BAGGAGE_MAX.entries} entries`;
  if (characters <= BAGGAGE_MAX.characters) return undefined;
  return `beyond ${BAGGAGE_MAX.characters} characters`;
}

function contextOf(
  tracestate: ClientContext['tracestate'],
  baggage: string[],
): Pick<KeptContext, 'context'> {
  if (tracestate === undefined && baggage.length === 0) return {};
  return { context: { ...(tracestate && { tracestate }), ...(baggage.length > 0 && { baggage }) } };
}

/** What of it a server is told with a call in this trace. */
export function passedContext(
  context: ClientContext | undefined,
  allowed: Allowed | undefined,
  traceparent: string | undefined,
): PassedContext {
  if (context === undefined || allowed === undefined) return {};
  const { tracestate, baggage = [] } = context;
  const isOfTrace = parseTraceparent(traceparent)?.traceId === tracestate?.traceId;
  const entries = baggage.filter((entry) => allowed.baggage.includes(keyOf(entry)));
  return {
    ...(tracestate && isOfTrace && allowed.tracestate && { tracestate: tracestate.members }),
    ...(entries.length > 0 && { baggage: entries.join() }),
  };
}

function keyOf(entry: string): string {
  return entry.slice(0, entry.indexOf('='));
}
