import { readUserEvent, streamNames, storedUserEvents, type UserEvent } from '@skynet/contracts';
import { userDecider, type UserCommand, type UserState } from '@skynet/domain-access';
import type { StreamModel } from '@skynet/platform';

const STATE_BYTES = 1_024;

/** How users stand in the log. */
export const userStreamModel: StreamModel<UserCommand, UserEvent, UserState> = {
  decider: userDecider,
  begins: ({ type }) => type === 'RegisterUser',
  streamOf: (name) => streamNames.principal(name),
  read: readUserEvent,
  write: ({ type, data }, after, origin) => ({
    type,
    version: storedUserEvents.versionOf(type),
    data,
    metadata: {
      correlationId: after?.name ?? '',
      causationId: '',
      tenant: origin.tenant,
      principal: origin.principal,
      traceparent: origin.traceparent,
      epoch: 0,
    },
  }),
  sizeOf: () => STATE_BYTES,
};
