import type { z } from 'zod';
import {
  retiredVersion,
  StoredEvents,
  type EventOf,
  type StoredShape,
} from '../envelope/stored-events.js';
import { StrangeStreamError, UnreadableEventError } from '../envelope/stored-event-errors.js';
import { agentIdOfStream } from '../envelope/stream-names.js';
import { askingV1 } from './stored-v5/asking-v1.js';
import { runningV5 } from './stored-v5/running-v5.js';
import { spawningV5 } from './stored-v5/spawning-v5.js';
import { toolTaskV1 } from './stored-v5/tool-task-v1.js';
import { spawningV4 } from './stored/spawning-v4.js';
import { conversingV1 } from './stored/conversing-v1.js';
import { endingV1 } from './stored/ending-v1.js';
import { forkingV1 } from './stored/forking-v1.js';
import { forkingV2, forkingV3, forkingV4 } from './stored/forking-v2.js';
import { runningV1 } from './stored/running-v1.js';
import { runningV2 } from './stored/running-v2.js';
import { runningV3 } from './stored/running-v3.js';
import { runningV4 } from './stored/running-v4.js';
import { spawningV1 } from './stored/spawning-v1.js';
import { spawningV2 } from './stored/spawning-v2.js';
import { spawningV3 } from './stored/spawning-v3.js';
import { steeringV1, steeringV2 } from './stored/steering-v1.js';

/** The newest stored version of each agent event, by type. */
export const agentEventSchemas = {
  ...spawningV1,
  ...spawningV2,
  ...spawningV3,
  ...spawningV5,
  ...runningV1,
  ...runningV2,
  ...runningV3,
  ...runningV4,
  ...runningV5,
  ...conversingV1,
  ...endingV1,
  ...forkingV4,
  ...steeringV1,
  ...steeringV2,
  ...askingV1,
  ...toolTaskV1,
} as const;

export type AgentEventType = keyof typeof agentEventSchemas;

/** An agent event as the domain knows it: `{ type, data }`, a union over all types. */
export type AgentEvent = EventOf<typeof agentEventSchemas>;

export type AgentEventData<Type extends AgentEventType> = z.infer<(typeof agentEventSchemas)[Type]>;

/** As the second version had it. */
type Settled = z.infer<typeof runningV2.ModelCallSettled>;

/** Every version that any release has stored. */
export const storedAgentEvents = new StoredEvents(agentEventSchemas, {
  AgentSpawned: [
    retiredVersion(spawningV1.AgentSpawned, (data): AgentEventData<'AgentSpawned'> => data),
    retiredVersion(spawningV2.AgentSpawned, (data): AgentEventData<'AgentSpawned'> => data),
    retiredVersion(spawningV3.AgentSpawned, (data): AgentEventData<'AgentSpawned'> => data),
    retiredVersion(spawningV4.AgentSpawned, (data): AgentEventData<'AgentSpawned'> => data),
  ],
  ChildReserved: [
    retiredVersion(spawningV1.ChildReserved, (data): AgentEventData<'ChildReserved'> => data),
    retiredVersion(spawningV3.ChildReserved, (data): AgentEventData<'ChildReserved'> => data),
    retiredVersion(spawningV4.ChildReserved, (data): AgentEventData<'ChildReserved'> => data),
  ],
  AgentAdmitted: [
    retiredVersion(runningV1.AgentAdmitted, (): AgentEventData<'AgentAdmitted'> => ({
      slot: { kind: 'given' },
    })),
  ],
  RunStarted: [
    retiredVersion(runningV1.RunStarted, (data): z.infer<typeof runningV2.RunStarted> => ({
      ...data,
      offered: null,
    })),
    retiredVersion(runningV2.RunStarted, (data): AgentEventData<'RunStarted'> => ({
      ...data,
      rules: 0,
      keepsSlot: false,
    })),
  ],
  ModelCallStarted: [
    retiredVersion(runningV1.ModelCallStarted, (data): AgentEventData<'ModelCallStarted'> => data),
  ],
  ModelCallSettled: [
    retiredVersion(runningV1.ModelCallSettled, (data): Settled => data),
    retiredVersion(runningV2.ModelCallSettled, (data): AgentEventData<'ModelCallSettled'> => data),
    retiredVersion(runningV4.ModelCallSettled, (data): AgentEventData<'ModelCallSettled'> => data),
  ],
  AwaitEnded: [retiredVersion(runningV1.AwaitEnded, (data): AgentEventData<'AwaitEnded'> => data)],
  AgentWoken: [retiredVersion(runningV1.AgentWoken, (data): AgentEventData<'AgentWoken'> => data)],
  HistoryShared: [
    retiredVersion(forkingV1.HistoryShared, (data): AgentEventData<'HistoryShared'> => data),
    retiredVersion(forkingV2.HistoryShared, (data): AgentEventData<'HistoryShared'> => data),
    retiredVersion(forkingV3.HistoryShared, (data): AgentEventData<'HistoryShared'> => data),
  ],
  AgentForked: [
    retiredVersion(forkingV1.AgentForked, (data): AgentEventData<'AgentForked'> => data),
    retiredVersion(forkingV2.AgentForked, (data): AgentEventData<'AgentForked'> => data),
    retiredVersion(forkingV3.AgentForked, (data): AgentEventData<'AgentForked'> => data),
  ],
  ToolCallSettled: [
    retiredVersion(
      runningV1.ToolCallSettled,
      (data): z.infer<typeof runningV2.ToolCallSettled> => data,
    ),
    retiredVersion(runningV2.ToolCallSettled, (data): AgentEventData<'ToolCallSettled'> => data),
    retiredVersion(runningV4.ToolCallSettled, (data): AgentEventData<'ToolCallSettled'> => data),
  ],
  ToolCallInDoubt: [
    retiredVersion(runningV1.ToolCallInDoubt, (data): AgentEventData<'ToolCallInDoubt'> => ({
      ...data,
      reason: 'the call broke off',
    })),
  ],
  AgentParked: [
    retiredVersion(runningV1.AgentParked, (data): z.infer<typeof runningV2.AgentParked> => data),
    retiredVersion(runningV2.AgentParked, (data): AgentEventData<'AgentParked'> => data),
  ],
  MessageSent: [
    retiredVersion(steeringV1.MessageSent, (data): AgentEventData<'MessageSent'> => data),
  ],
  MessageReceived: [
    retiredVersion(steeringV1.MessageReceived, (data): AgentEventData<'MessageReceived'> => data),
  ],
  RunYielded: [retiredVersion(runningV1.RunYielded, (data): AgentEventData<'RunYielded'> => data)],
});

/** @throws StrangeStreamError, and as `StoredEvents.readUntrusted` */
export function readUntrustedAgentEvent(
  stored: StoredShape & { readonly stream: string },
): AgentEvent {
  const event = storedAgentEvents.readUntrusted(stored);
  const agentId = agentIdOfStream(stored.stream);
  if (agentId === undefined) throw new StrangeStreamError(stored.stream);
  // Else it would begin another agent.
  if (event.type !== 'AgentSpawned' || event.data.agentId === agentId) return event;
  throw new UnreadableEventError(stored.type, stored.version);
}

/** A stored event as the domain knows it, or an error that names what this program does not know. */
export function readAgentEvent(stored: StoredShape): AgentEvent {
  return storedAgentEvents.read(stored);
}

/** Data of the event when it is of that type. */
export function dataOfAgentEvent<Type extends AgentEventType>(
  event: AgentEvent,
  type: Type,
): AgentEventData<Type> | undefined {
  return event.type === type ? (event.data as AgentEventData<Type>) : undefined;
}
