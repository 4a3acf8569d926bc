import type { EventMetadata } from '@skynet/contracts';
import type { NewEvent } from './event-store.port.js';

/*
 * Checks of the form of what stands in a log, by hand: every event that is read passes here. Each names what is wrong, or
 * nothing. What the data of an event looks like is the business of its type.
 */

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** What all events of the log have; `timeMs` is looked at where it stands. */
export function faultOfEvent({ id, type, version }: Fields): string | undefined {
  if (typeof id !== 'string' || id === '') return 'an event has no id';
  if (typeof type !== 'string' || type === '') return `event ${id} has no type`;
  if (!isCount(version) || version < 1) return `event ${id} has no version`;
  return undefined;
}

/** Metadata of events, without what says where in its commit an event is. */
export function faultOfMetadata(metadata: unknown): string | undefined {
  if (!isFields(metadata)) return 'there is no metadata';
  const { correlationId, causationId, tenant, principal, traceparent, epoch } = metadata;
  if (typeof correlationId !== 'string') return 'metadata has no correlationId';
  if (typeof causationId !== 'string') return 'metadata has no causationId';
  if (typeof tenant !== 'string') return 'metadata has no tenant';
  if (typeof principal !== 'string') return 'metadata has no principal';
  if (traceparent !== undefined && typeof traceparent !== 'string') {
    return 'metadata has a traceparent that is no text';
  }
  return isCount(epoch) ? undefined : 'metadata has no epoch';
}

/** An event that stands with others of its commit: what they share is left out of it. */
export function faultOfHeldEvent(event: unknown): string | undefined {
  if (!isFields(event)) return 'an event is no object';
  const { timeMs, metadata } = event;
  if (timeMs !== undefined && typeof timeMs !== 'number') return 'an event has no time';
  return faultOfEvent(event) ?? (metadata === undefined ? undefined : faultOfMetadata(metadata));
}

/** What events of one commit most often have in common, and is stored once for them. */
export type SharedMetadata = Omit<EventMetadata, 'commit'>;

export function sharedMetadata(event: NewEvent): SharedMetadata {
  const { commit: _, ...shared } = event.metadata;
  return shared;
}

export function sameMetadata(a: SharedMetadata, b: SharedMetadata): boolean {
  return (
    a.causationId === b.causationId &&
    a.correlationId === b.correlationId &&
    a.tenant === b.tenant &&
    a.principal === b.principal &&
    a.traceparent === b.traceparent &&
    a.epoch === b.epoch
  );
}
