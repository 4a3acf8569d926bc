import type { EventMetadata } from '@skynet/contracts';
import { derivedId } from '../../runtime/ids.js';
import type { NewEvent } from '../event-store.port.js';
import {
  faultOfHeldEvent,
  isFields,
  sameMetadata,
  sharedMetadata,
  type SharedMetadata,
} from '../stored-form.js';

/** What a store keeps of events as one. */
export interface Packing {
  /** Type of several events that are kept as one. */
  readonly type: string;
  /** Types of which neighbours in one commit are kept as one. */
  readonly details: ReadonlySet<string>;
}

/*
 * The data of several events of one commit that are kept as one, in this shape for ever. What they share stands in the
 * metadata beside it.
 */
export interface EventPackV2 {
  readonly events: readonly PackedEventV2[];
}

interface PackedEventV2 {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
  /** Only where it differs from that of the first. */
  readonly timeMs?: number;
  readonly metadata?: SharedMetadata;
}

/** What all events of a pack have unless they say otherwise. */
export interface PackHead {
  readonly timeMs: number;
  /** `commit` is the place of the first in its commit. */
  readonly metadata: EventMetadata;
}

/** The events of a commit, neighbours that are details together. */
export function stretchesOf(events: readonly NewEvent[], packing: Packing | undefined) {
  const stretches: [NewEvent, ...NewEvent[]][] = [];
  let isOpen = false;
  for (const event of events) {
    const isDetail = packing?.details.has(event.type) === true;
    const last = stretches.at(-1);
    if (isDetail && isOpen && last) last.push(event);
    else stretches.push([event]);
    isOpen = isDetail;
  }
  return stretches;
}

/**
 * The id of so many events as one. It is none of theirs: the server takes ids that stand in their places for an append that
 * is repeated, also when it is one that divides its events otherwise.
 */
export function idOfPack(events: readonly [NewEvent, ...NewEvent[]]): string {
  return derivedId(events[0].id, events.length);
}

export function packOf(events: readonly [NewEvent, ...NewEvent[]]): EventPackV2 {
  const [first] = events;
  const shared = sharedMetadata(first);
  return {
    events: events.map((event) => {
      const { id, type, version, data, timeMs } = event;
      const own = sharedMetadata(event);
      return {
        id,
        type,
        version,
        data: data ?? null,
        ...(timeMs !== first.timeMs && { timeMs }),
        ...(!sameMetadata(own, shared) && { metadata: own }),
      };
    }),
  };
}

export function eventsOfPack({ events }: EventPackV2, head: PackHead): NewEvent[] {
  const { commit, ...shared } = head.metadata;
  return events.map(({ id, type, version, data, timeMs, metadata }, index) => ({
    id,
    type,
    version,
    timeMs: timeMs ?? head.timeMs,
    data,
    metadata: { ...(metadata ?? shared), commit: { ...commit, index: commit.index + index } },
  }));
}

/** What is wrong with the data of a pack of so many events; undefined when it is a pack. */
export function faultOfPack(pack: unknown, count: number): string | undefined {
  const events: unknown = isFields(pack) ? pack['events'] : undefined;
  if (!Array.isArray(events) || events.length !== count) return `it does not hold ${count} events`;
  for (const event of events as readonly unknown[]) {
    const fault = faultOfPacked(event);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfPacked(event: unknown): string | undefined {
  if (isFields(event) && !('data' in event)) return 'an event has no data';
  return faultOfHeldEvent(event);
}
