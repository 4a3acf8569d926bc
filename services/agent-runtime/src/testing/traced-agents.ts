import {
  storedAgentEvents,
  streamNames,
  type AgentEvent,
  type AgentId,
  type AgentRow,
} from '@skynet/contracts';
import { agentRowProjection } from '@skynet/domain-agents';
import {
  MemoryEventStore,
  MemoryLog,
  silentLogger,
  WorldError,
  type Clock,
  type EventStore,
  type StoredEvent,
  type Tracing,
} from '@skynet/platform';
import type { AgentCommit, AgentRecord } from '../log/agent-commit.js';
import { AgentTraces } from '../traces/agent-traces.js';

export const CLIENT = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
export const UNSAMPLED = CLIENT.replace(/01$/, '00');
/** Of a span in the client's trace. */
export function traceparentOf(spanId: string): string {
  return CLIENT.replace('d'.repeat(16), spanId);
}

export const BORN_MS = Date.UTC(2026, 0, 1);

/** Agents of one log, and who tells their traces. */
export class TracedAgents<Spans extends Tracing> {
  /** All commits, for one who reads them again. */
  readonly commits: AgentCommit[] = [];
  heardMs: number | undefined;
  /** Their streams can't be read. */
  readonly damaged = new Set<AgentId>();
  private readonly memory = new MemoryLog();
  private readonly rows = new Map<AgentId, AgentRow>();

  /** It is told of `happens`. */
  readonly leader: ReturnType<TracedAgents<Spans>['replica']>;

  constructor(
    private readonly clock: Clock,
    private readonly newTracing: () => Spans,
  ) {
    this.leader = this.replica();
    this.leader.traces.lead();
  }

  replica() {
    const tracing = this.newTracing();
    const memory = new MemoryEventStore(this.memory);
    const reads: string[] = [];
    let isHanging = false;
    const read: EventStore['read'] = (stream, options) => {
      reads.push(stream);
      if (isHanging) return new Promise(() => undefined);
      if ([...this.damaged].map(streamNames.agent).includes(stream))
        return Promise.reject(new WorldError('no connection', 'later'));
      return memory.read(stream, options);
    };
    const store = { read, comparePositions: memory.comparePositions.bind(memory) };
    const traces = new AgentTraces({
      ...{ tracing, store, clock: this.clock, log: silentLogger },
      index: { get: (agentId) => this.rows.get(agentId) },
      leases: { lastHeardMs: () => this.heardMs },
    });
    const readsOf = (agentId: AgentId) =>
      reads.filter((stream) => stream === streamNames.agent(agentId)).length;
    /** It has no answer to what it reads from now on. */
    const hangs = () => {
      isHanging = true;
    };
    return { tracing, traces, readsOf, hangs };
  }

  /** One commit of the agent, so long after the beginning. */
  happens(agentId: AgentId, atMs: number, ...events: AgentEvent[]): Promise<void> {
    this.leader.traces.handle(this.commit(agentId, atMs, events, CLIENT));
    return Promise.resolve();
  }

  /** The same, of which the leader is not told. */
  commit(
    agentId: AgentId,
    atMs: number,
    events: readonly AgentEvent[],
    traceparent: string | undefined,
  ): AgentCommit {
    const stream = streamNames.agent(agentId);
    const first = (this.rows.get(agentId)?.revision ?? -1) + 1;
    const id = `${stream}:${first}`;
    const records = events.map((event, index): AgentRecord => {
      const metadata = {
        ...{
          correlationId: agentId,
          causationId: id,
          tenant: 'acme',
          principal: 'alice',
          epoch: 0,
        },
        ...(traceparent !== undefined && { traceparent }),
        commit: { id, index, size: events.length },
      };
      const place = { id: `${id}:${index}`, stream, revision: first + index };
      return { ...event, ...place, timeMs: BORN_MS + atMs, metadata };
    });
    for (const record of records) {
      const row = agentRowProjection.evolve(this.rows.get(agentId), record);
      if (row !== undefined) this.rows.set(agentId, row);
    }
    const revision = first + events.length - 1;
    const position = this.memory.nextPosition;
    this.memory.add({ stream, id, revision, position, events: records.map(asStored) });
    const commit = { stream, id, revision, position, events: records };
    this.commits.push(commit);
    return commit;
  }
}

function asStored(record: AgentRecord): StoredEvent {
  return { ...record, version: storedAgentEvents.versionOf(record.type) };
}

export const parked: AgentEvent = { type: 'AgentParked', data: { waitingFor: 'children' } };
export const completed: AgentEvent = { type: 'AgentCompleted', data: { output: 'done' } };
export const usage = { inputTokens: 3, outputTokens: 2, costMicroUsd: 7 };
export const asked = (callId: string): AgentEvent => ({
  type: 'ModelCallStarted',
  data: {
    ...{ callId, attempt: 1, model: 'scripted:echo', maxTokens: 10, windDown: false },
    ...{ held: usage, requestHash: 'x' },
  },
});
/** When a span began and ended, after the beginning. */
export const lengthOf = ({ startMs = 0, endMs = 0 }: { startMs?: number; endMs?: number }) => [
  startMs - BORN_MS,
  endMs - BORN_MS,
];
