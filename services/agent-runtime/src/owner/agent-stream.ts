import {
  dataOfAgentEvent,
  readAgentEvent,
  readUntrustedAgentEvent,
  storedAgentEvents,
  streamNames,
  type AgentEvent,
  type AgentEventData,
  type AgentEventType,
  type AgentId,
} from '@skynet/contracts';
import {
  agentDecider,
  isSpawned,
  type AgentCommand,
  type AgentState,
  type CausedEvent,
} from '@skynet/domain-agents';
import {
  readStored,
  sha256Hex,
  type Origin,
  type StoredEvent,
  type StreamModel,
  type WrittenEvent,
} from '@skynet/platform';

const STATE_BASE_BYTES = 2_048;

/** How agents stand in the log. */
export const agentStreamModel: StreamModel<AgentCommand, CausedEvent, AgentState> = {
  decider: agentDecider(sha256Hex),
  begins: ({ type }) => type === 'SpawnAgent',
  streamOf: (id) => streamNames.agent(id as AgentId),
  read: readCausedEvent,
  write: writeEvent,
  sizeOf: (state) =>
    STATE_BASE_BYTES + (isSpawned(state) ? state.conversationBytes + state.children.size * 256 : 0),
};

/** @throws UnreadableStreamError when this program can't read it, and so not what is behind it in the stream */
export function readEvent(stored: StoredEvent): AgentEvent {
  return readStored(stored, readUntrustedAgentEvent);
}

/** Of one that this process has written. */
export function readOwnEvent(stored: StoredEvent): AgentEvent {
  return readStored(stored, readAgentEvent);
}

/** Data of an event of that type, in its newest shape; undefined of others. @throws UnreadableStreamError as `readEvent` */
export function dataOf<Type extends AgentEventType>(
  stored: StoredEvent,
  type: Type,
): AgentEventData<Type> | undefined {
  return stored.type === type ? dataOfAgentEvent(readEvent(stored), type) : undefined;
}

function readCausedEvent(stored: StoredEvent): CausedEvent {
  return { ...readEvent(stored), causationId: stored.metadata.causationId };
}

function writeEvent(event: CausedEvent, after: AgentState, origin: Origin): WrittenEvent {
  const { causationId = '', type, data } = event;
  const spawned = isSpawned(after) ? after : undefined;
  return {
    type,
    version: storedAgentEvents.versionOf(type),
    data,
    metadata: {
      correlationId: spawned?.spawned.rootId ?? '',
      causationId,
      tenant: origin.tenant,
      principal: origin.principal,
      traceparent: origin.traceparent,
      epoch: spawned?.epoch ?? 0,
    },
  };
}
