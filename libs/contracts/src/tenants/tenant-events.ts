import type { z } from 'zod';
import {
  retiredVersion,
  StoredEvents,
  type EventOf,
  type StoredShape,
} from '../envelope/stored-events.js';
import { tenantV1 } from './stored/tenant-v1.js';
import { tenantV2 } from './stored/tenant-v2.js';

/** The newest stored version of each event of a tenant, by type. */
export const tenantEventSchemas = { ...tenantV1, ...tenantV2 } as const;

/** An event of a tenant as the domain knows it: `{ type, data }`, a union over all types. */
export type TenantEvent = EventOf<typeof tenantEventSchemas>;

/** What a tenant may have; of what is absent there is no quota. */
export type TenantQuotas = z.infer<(typeof tenantEventSchemas)['TenantQuotasSet']>;

/** Every version that any release has stored. */
export const storedTenantEvents = new StoredEvents(tenantEventSchemas, {
  TenantQuotasSet: [retiredVersion(tenantV1.TenantQuotasSet, (data): TenantQuotas => data)],
});

/** A stored event as the domain knows it, or an error that names what this program does not know. */
export function readTenantEvent(stored: StoredShape): TenantEvent {
  return storedTenantEvents.read(stored);
}
