import {
  readScheduleEvent,
  storedScheduleEvents,
  streamNames,
  type ScheduleEvent,
} from '@skynet/contracts';
import {
  agentScheduleDecider,
  type AgentScheduleCommand,
  type AgentScheduleState,
} from '@skynet/domain-scheduling';
import { readStored, type StreamModel } from '@skynet/platform';

const STATE_BYTES = 1_024;

/** How schedules stand in the log. */
export const scheduleStreamModel: StreamModel<
  AgentScheduleCommand,
  ScheduleEvent,
  AgentScheduleState
> = {
  decider: agentScheduleDecider,
  begins: ({ type }) => type === 'CreateSchedule',
  streamOf: (scheduleId) => streamNames.schedule(scheduleId),
  read: (stored) => readStored(stored, readScheduleEvent),
  write: (event, after, origin) => ({
    type: event.type,
    version: storedScheduleEvents.versionOf(event.type),
    data: event.data,
    metadata: {
      correlationId: after?.definition.scheduleId ?? '',
      causationId: '',
      tenant: origin.tenant,
      principal: origin.principal,
      epoch: 0,
    },
  }),
  sizeOf: (state) => STATE_BYTES + JSON.stringify(state?.definition ?? {}).length,
};
