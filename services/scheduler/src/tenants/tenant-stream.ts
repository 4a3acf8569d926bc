import {
  readTenantEvent,
  storedTenantEvents,
  streamNames,
  type TenantEvent,
} from '@skynet/contracts';
import { tenantDecider, type TenantCommand, type TenantState } from '@skynet/domain-scheduling';
import { readStored, type StreamModel } from '@skynet/platform';

const STATE_BYTES = 4_096;

/** How quotas of tenants stand in the log. */
export const tenantStreamModel: StreamModel<TenantCommand, TenantEvent, TenantState> = {
  decider: tenantDecider,
  begins: ({ data }) => data.isNew,
  streamOf: (name) => streamNames.tenant(name),
  read: (stored) => readStored(stored, readTenantEvent),
  write: (event, _, origin) => ({
    type: event.type,
    version: storedTenantEvents.versionOf(event.type),
    data: event.data,
    metadata: {
      correlationId: origin.tenant,
      causationId: '',
      tenant: origin.tenant,
      principal: origin.principal,
      epoch: 0,
    },
  }),
  sizeOf: () => STATE_BYTES,
};
