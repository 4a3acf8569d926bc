import type {
  AuditTrail,
  Clock,
  EventStore,
  Logger,
  MessageBus,
  StreamsSetAside,
  Term,
  Tracing,
} from '@skynet/platform';
import { AgentSchedules } from './agent-schedules.js';
import { serveSchedules } from './serve-schedules.js';
import { SpawnRequests } from './spawn-requests.js';
import { Ticks } from './ticks.js';

export interface ScheduledAgentsPorts {
  readonly store: EventStore;
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracing: Tracing;
  readonly audit: AuditTrail;
  readonly setAside: StreamsSetAside;
  /** Of one tenant, those that are over not counted. */
  readonly maxSchedulesPerTenant: number;
  readonly onBug: (error: unknown) => void;
}

/** All that a replica does about schedules: it knows and changes them, and has agents spawned while it leads. */
export class ScheduledAgents {
  private readonly schedules: AgentSchedules;
  private readonly spawns: SpawnRequests;
  private readonly ticks: Ticks;
  /** While this replica leads. */
  private term: Term | undefined;
  private isKnown = false;
  private stopServing = (): void => undefined;

  constructor(private readonly ports: ScheduledAgentsPorts) {
    const { maxSchedulesPerTenant: maxPerTenant } = ports;
    const onChange = () => this.ticks.poke();
    this.schedules = new AgentSchedules({ ...ports, maxPerTenant, onChange });
    this.spawns = new SpawnRequests(ports);
    this.ticks = new Ticks({ ...ports, schedules: this.schedules, spawns: this.spawns });
  }

  /** Resolves when all schedules of the log are known. */
  async start(): Promise<void> {
    await this.schedules.start();
    this.isKnown = true;
    this.stopServing = serveSchedules(this.ports.bus, this.schedules);
    if (this.term !== undefined) this.ticks.lead(this.term);
  }

  /** Has agents spawned as soon as all schedules are known. */
  lead(term: Term): void {
    this.term = term;
    if (this.isKnown) this.ticks.lead(term);
  }

  yieldLead(): void {
    this.term = undefined;
    this.ticks.yieldLead();
  }

  async stop(): Promise<void> {
    this.stopServing();
    this.spawns.close();
    await this.ticks.stop();
    await this.schedules.stop();
  }
}
