import type { z } from 'zod';
import {
  retiredVersion,
  StoredEvents,
  type EventOf,
  type StoredShape,
} from '../envelope/stored-events.js';
import { scheduleV1 } from './stored/schedule-v1.js';
import { scheduleV2 } from './stored/schedule-v2.js';

/** The newest stored version of each event of a schedule, by type. */
export const scheduleEventSchemas = { ...scheduleV1, ...scheduleV2 } as const;

/** An event of a schedule as the domain knows it: `{ type, data }`, a union over all types. */
export type ScheduleEvent = EventOf<typeof scheduleEventSchemas>;

/** What a schedule is, from its beginning to its end. */
export type ScheduleDefinition = z.infer<(typeof scheduleEventSchemas)['ScheduleCreated']>;

/** Every version that any release has stored. */
export const storedScheduleEvents = new StoredEvents(scheduleEventSchemas, {
  ScheduleCreated: [retiredVersion(scheduleV1.ScheduleCreated, (data): ScheduleDefinition => data)],
});

/** A stored event as the domain knows it, or an error that names what this program does not know. */
export function readScheduleEvent(stored: StoredShape): ScheduleEvent {
  return storedScheduleEvents.read(stored);
}
