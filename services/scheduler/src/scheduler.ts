import { streamNames, type AgentId } from '@skynet/contracts';
import type { Schedule } from '@skynet/domain-scheduling';
import {
  Leadership,
  ProjectionLag,
  StreamsSetAside,
  WorkerLeases,
  type AuditTrail,
  type Clock,
  type EventStore,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type Metrics,
  type StateStores,
  type Term,
  type Tracing,
} from '@skynet/platform';
import { Admissions } from './admission/admissions.js';
import { SchedulerCommands } from './admission/commands.js';
import { Deadlines } from './admission/deadlines.js';
import { Dispatcher } from './admission/dispatcher.js';
import { Lending, listenToSlotHints } from './admission/lending.js';
import { serveTreeWaits } from './admission/tree-waits.js';
import { WorkerSlots } from './admission/worker-slots.js';
import { QueueTraces } from './admission/queue-traces.js';
import { Coordinator } from './leadership/coordinator.js';
import { MissingAgents } from './leadership/missing-agents.js';
import { ScheduleSnapshots } from './leadership/schedule-snapshots.js';
import { ScheduledAgents } from './schedules/scheduled-agents.js';
import { serveTenantAdmin } from './tenants/tenant-admin.js';
import { Tenants } from './tenants/tenants.js';
import type { SchedulerConfig } from './scheduler.config.js';

export interface SchedulerPorts {
  readonly store: EventStore;
  readonly states: StateStores;
  readonly bus: MessageBus;
  readonly schedule: Schedule;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracing: Tracing;
  readonly metrics: Metrics;
  readonly audit: AuditTrail;
  /** Called when following the log hits a bug: the process must not go on. */
  readonly onBug: (error: unknown) => void;
}

type SchedulerLimits = Pick<
  SchedulerConfig,
  'maxRunning' | 'maxRunningPerTenant' | 'maxLivePerTenant' | 'maxSchedulesPerTenant'
>;

/** One replica of the service, put together over the ports. */
export class Scheduler {
  /** Whether the log is folded, and others count this process as alive. */
  readonly healthChecks: readonly HealthCheck[];
  private readonly lag: ProjectionLag;
  private readonly coordinator: Coordinator;
  private readonly missing: MissingAgents;
  private readonly slots: WorkerSlots;
  private readonly leases: WorkerLeases;
  private readonly leadership: Leadership;
  private readonly tenants: Tenants;
  private readonly scheduledAgents: ScheduledAgents;
  private readonly serve: () => (() => void)[];
  private stopListening: readonly (() => void)[] = [];
  private stopServing: readonly (() => void)[] = [];

  constructor(
    private readonly ports: SchedulerPorts,
    limits: SchedulerLimits,
    holder: string,
  ) {
    const { bus, clock, log, metrics, schedule, states, tracing } = ports;
    const setAside = new StreamsSetAside(log);
    setAside.count(metrics);
    const commands = new SchedulerCommands(bus, clock);
    const capsOf = (tenant: string) => {
      const { liveAgents = limits.maxLivePerTenant, runningTrees } = this.tenants.quotasOf(tenant);
      return { liveAgents, runningTrees };
    };
    const weightOf = (tenant: string) => this.tenants.quotasOf(tenant).weight ?? 1;
    const onChange = () => this.coordinator.poke();
    this.tenants = new Tenants({ ...ports, setAside, onChange });
    this.serve = () => [
      serveTreeWaits(bus, schedule, capsOf),
      serveTenantAdmin({ ...ports, tenants: this.tenants }),
    ];
    const { maxSchedulesPerTenant } = limits;
    this.scheduledAgents = new ScheduledAgents({ ...ports, setAside, maxSchedulesPerTenant });
    this.slots = new WorkerSlots(clock);
    const queueTraces = new QueueTraces(tracing, metrics);
    this.leases = new WorkerLeases({ ...ports, holder: `scheduler-${holder}` });
    this.coordinator = new Coordinator({
      ...ports,
      limits,
      capsOf,
      weightOf,
      setAside,
      slots: this.slots,
      admissions: new Admissions({
        schedule,
        sender: commands,
        slots: this.slots,
        traces: queueTraces,
        clock,
        log,
      }),
      dispatcher: new Dispatcher(schedule, { ...ports, queueTraces, leases: this.leases }),
      queueTraces,
      deadlines: new Deadlines(schedule, commands, clock, log),
      lending: new Lending(schedule, bus, clock),
      snapshots: new ScheduleSnapshots(states, ports.store, log),
    });
    const drop = (agentId: AgentId) => {
      this.coordinator.forget(agentId);
      this.coordinator.poke();
    };
    this.missing = new MissingAgents({ ...ports, drop });
    this.lag = new ProjectionLag({
      ...ports,
      prefix: streamNames.agentPrefix,
      position: () => this.coordinator.position,
      setAside,
    });
    this.healthChecks = [this.lag.healthCheck(), this.leases.healthCheck];
    this.leadership = this.leadershipOf(holder);
  }

  /** Resolves when the log is folded; leads as soon as nobody else does. Agents do not wait for what is read of schedules. */
  async start(): Promise<void> {
    const { bus } = this.ports;
    this.lag.start();
    this.stopListening = [
      this.slots.listen(bus, () => this.coordinator.poke()),
      ...listenToSlotHints(bus, this.coordinator),
    ];
    await this.tenants.start();
    await Promise.all([this.scheduledAgents.start(), this.startAdmitting()]);
  }

  async stop(): Promise<void> {
    // Who leads next does not know of slots that are on their way, and must not give them once more.
    await this.leadership.stop({ runsOut: this.coordinator.hasPromised });
    this.missing.stop();
    for (const stop of [...this.stopListening, ...this.stopServing]) stop();
    this.lag.stop();
    await this.scheduledAgents.stop();
    await this.leases.stop();
    await this.coordinator.stop();
    await this.tenants.stop();
  }

  private async startAdmitting(): Promise<void> {
    await this.coordinator.start();
    this.missing.look().catch((error: unknown) => this.ports.onBug(error));
    this.stopServing = this.serve();
    await this.leases.start();
    await this.leadership.start();
  }

  private leadershipOf(holder: string): Leadership {
    return new Leadership({
      ...this.ports,
      role: 'scheduler',
      holder,
      onElected: (term) => this.lead(term),
      onDeposed: () => this.yieldLead(),
    });
  }

  private async lead(term: Term): Promise<void> {
    await this.coordinator.lead(term);
    if (this.coordinator.isLeading) this.scheduledAgents.lead(term);
  }

  private yieldLead(): void {
    this.scheduledAgents.yieldLead();
    this.coordinator.yieldLead();
  }
}
