import { randomUUID } from 'node:crypto';
import { derivedId, type NewEvent } from '@skynet/platform';

/** A stream name that no other test uses. */
export function newStream(category = 'agent'): string {
  return `${category}-${randomUUID()}`;
}

/** The events of one commit, one for each text. */
export function commitOf(texts: readonly string[], id: string = randomUUID()): NewEvent[] {
  return texts.map((text, index) => ({
    id: derivedId(id, index),
    type: 'NoteTaken',
    version: 1,
    timeMs: Date.UTC(2026, 0, 1) + index,
    data: { text },
    metadata: {
      correlationId: 'root',
      causationId: `command-${id}`,
      tenant: 'acme',
      principal: 'someone',
      epoch: 1,
      commit: { id, index, size: texts.length },
    },
  }));
}

/** As `commitOf`, each event with a type of its own, which is its text as well. */
export function commitOfTypes(types: readonly string[], id?: string): NewEvent[] {
  return commitOf(types, id).map((event, index) => ({
    ...event,
    type: types[index] ?? event.type,
    metadata: { ...event.metadata, correlationId: index % 3 === 2 ? 'other' : 'root' },
  }));
}

/** What the events of `commitOf` say. */
export function textsOf(events: readonly { readonly data: unknown }[]): string[] {
  return events.map(({ data }) => (data as { text: string }).text);
}
