import {
  principalEventVersion,
  readPrincipalEvent,
  streamNames,
  type PrincipalEvent,
} from '@skynet/contracts';
import {
  principalDecider,
  type PrincipalCommand,
  type PrincipalState,
} from '@skynet/domain-access';
import { readStored, type StreamModel } from '@skynet/platform';

const STATE_BYTES = 1_024;

/** How users and clients stand in the log. */
export const principalStreamModel: StreamModel<PrincipalCommand, PrincipalEvent, PrincipalState> = {
  decider: principalDecider,
  begins: ({ type }) => type === 'RegisterUser' || type === 'RegisterClient',
  streamOf: (name) => streamNames.principal(name),
  read: (stored) => readStored(stored, readPrincipalEvent),
  write: (event, after, origin) => ({
    type: event.type,
    version: principalEventVersion(event),
    data: event.data,
    metadata: {
      correlationId: after.user?.name ?? after.client?.clientId ?? '',
      causationId: '',
      tenant: origin.tenant,
      principal: origin.principal,
      traceparent: origin.traceparent,
      epoch: 0,
    },
  }),
  sizeOf: () => STATE_BYTES,
};
