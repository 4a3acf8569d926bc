import {
  storedAgentEvents,
  streamNames,
  subjects,
  type AgentEvent,
  type AgentId,
} from '@skynet/contracts';
import { Schedule } from '@skynet/domain-scheduling';
import {
  MemoryBroker,
  MemoryEventStore,
  MemoryMessageBus,
  MemoryStateStores,
  noMetrics,
  noTracing,
  silentLogger,
  type AuditTrail,
  type Clock,
} from '@skynet/platform';
import { Scheduler } from '../scheduler.js';

interface Admission {
  readonly agentId: string;
  readonly queuedRevision: number;
}

export const SMALL_LIMITS = {
  ...{ maxRunning: 10, maxRunningPerTenant: 10 },
  ...{ maxLivePerTenant: 100, maxSchedulesPerTenant: 3 },
};

/** Schedulers over one memory, with a log that the test writes. */
export class SchedulerWorld {
  readonly broker = new MemoryBroker();
  readonly bus: MemoryMessageBus;
  readonly store = new MemoryEventStore();
  readonly bugs: unknown[] = [];
  private readonly running: Scheduler[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {
    this.bus = new MemoryMessageBus(this.broker, clock);
  }

  /** Each leads, unless they are given the same states. */
  async start(states = new MemoryStateStores()): Promise<Scheduler> {
    const { audit, bus, clock, running, store } = this;
    const scheduler = new Scheduler(
      {
        ...{ store, bus, clock, audit, states },
        ...{ schedule: new Schedule(), log: silentLogger, tracing: noTracing, metrics: noMetrics },
        onBug: (error) => this.bugs.push(error),
      },
      SMALL_LIMITS,
      `holder-${running.length}`,
    );
    running.push(scheduler);
    await scheduler.start();
    return scheduler;
  }

  workersAnnounce(slots: number, workerId = 'worker-1'): void {
    this.bus.hint(subjects.workerHeartbeat, { workerId, slots, busy: 0 });
  }

  /** Appends to the stream of an agent, as its owner would: in one commit. */
  async happens(agentId: AgentId, ...events: readonly AgentEvent[]): Promise<void> {
    const stream = streamNames.agent(agentId);
    const before = (await this.store.read(stream, { backwards: true, max: 1 }))[0]?.revision;
    const place = `${stream}:${before ?? 'first'}`;
    const stored = events.map((event, index) => {
      const id = `${place}:${event.type}`;
      const commit = { id: place, index, size: events.length };
      const metadata = { correlationId: stream, causationId: id, tenant: 'acme', principal: 'a' };
      return {
        ...{ id, ...event, version: storedAgentEvents.versionOf(event.type) },
        ...{ timeMs: this.clock.nowMs(), metadata: { ...metadata, epoch: 0, commit } },
      };
    });
    await this.store.append(stream, stored, before ?? 'no-stream');
  }

  /** Agents that were told to be admitted. */
  admitted(): string[] {
    return this.sentTo('cmd.agents.AdmitAgents').flatMap((envelope) =>
      (envelope as { data: { agents: Admission[] } }).data.agents.map(({ agentId }) => agentId),
    );
  }

  /** Bodies of what was published on subjects that begin so. */
  sentTo(subject: string): unknown[] {
    return this.broker.published
      .filter((published) => published.subject.startsWith(subject))
      .map(({ data }) => data);
  }

  async stopSchedulers(): Promise<void> {
    await Promise.all(this.running.splice(0).map((scheduler) => scheduler.stop()));
  }

  async stop(): Promise<void> {
    await this.stopSchedulers();
    await this.bus.close();
    await this.store.close();
  }
}
