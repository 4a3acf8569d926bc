import {
  rejection,
  streamNames,
  type ScheduleAnswer,
  type ScheduleEvent,
  type ScheduleRequest,
} from '@skynet/contracts';
import {
  agentScheduleDecider,
  type AgentSchedule,
  type AgentScheduleCommand,
  type AgentScheduleState,
} from '@skynet/domain-scheduling';
import { fold, isRefused, type Refused } from '@skynet/kernel';
import {
  CommandHandler,
  LogFollower,
  type Clock,
  type Commit,
  type EventStore,
  type Execution,
  type Logger,
  type StreamsSetAside,
} from '@skynet/platform';
import { KnownSchedules, placeOf } from './known-schedules.js';
import { newSchedule } from './new-schedule.js';
import { scheduleStreamModel } from './schedule-stream.js';
import { scheduleView } from './schedule-view.js';

export interface AgentSchedulesOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly setAside: StreamsSetAside;
  /** Of one tenant, those that are over not counted. */
  readonly maxPerTenant: number;
  /** Called when the log can't be followed any more. */
  readonly onBug: (error: unknown) => void;
  /** Called when a schedule is other than before. */
  readonly onChange: () => void;
}

/** Schedules of all tenants, folded from the log and kept up to date. Of a stream that can't be read on, the last known. */
export class AgentSchedules {
  private readonly known = new KnownSchedules();
  /** Tenants of those that are being made, by id. */
  private readonly making = new Map<string, string>();
  private readonly handler: CommandHandler<AgentScheduleCommand, ScheduleEvent, AgentScheduleState>;
  private readonly follower: LogFollower;

  constructor(private readonly options: AgentSchedulesOptions) {
    this.handler = new CommandHandler({ ...options, model: scheduleStreamModel });
    this.follower = new LogFollower({
      ...options,
      prefix: streamNames.schedulePrefix,
      handle: (commit) => this.take(commit),
    });
  }

  /** Resolves when all schedules of the log are known. */
  start(): Promise<void> {
    return this.follower.start();
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  /** Those of which something comes yet, but for those that can't be read. */
  *live(): Iterable<AgentSchedule> {
    const { setAside } = this.options;
    for (const schedule of this.known.live()) {
      const stream = streamNames.schedule(schedule.definition.scheduleId);
      if (setAside.of(stream) === undefined) yield schedule;
    }
  }

  async create(request: ScheduleRequest<'create'>): Promise<ScheduleAnswer<'create'> | Refused> {
    const { clock, maxPerTenant } = this.options;
    const { tenant, scheduleId, askedHash } = request;
    const before = (await this.handler.load(scheduleId)).state?.definition;
    // A repeat is answered for however late it comes and however many there are by now.
    const definition = before ?? newSchedule(request, clock.nowMs());
    if (isRefused(definition)) return definition;
    if (before === undefined && this.countOf(tenant, scheduleId) >= maxPerTenant) {
      const message = `The tenant has ${maxPerTenant} schedules, the most that it may have.`;
      return { refused: rejection('LIMIT_SCHEDULES', message, { limit: 'schedules' }) };
    }
    this.making.set(scheduleId, tenant);
    try {
      const id = `${scheduleId}:create`;
      const data = { ...definition, askedHash };
      const execution = await this.execute(request, { id, type: 'CreateSchedule', data });
      if (isRefused(execution)) return { refused: execution.refused };
      const repeated = execution.events.length === 0;
      return { schedule: scheduleView(thereIn(execution)), repeated };
    } finally {
      this.making.delete(scheduleId);
    }
  }

  async cancel(request: ScheduleRequest<'cancel'>): Promise<ScheduleAnswer<'cancel'> | Refused> {
    const { tenant, principal, scheduleId } = request;
    const { state } = await this.handler.load(scheduleId);
    if (state?.definition.tenant !== tenant) {
      const message = `There is no schedule ${scheduleId}.`;
      return { refused: rejection('SCHEDULE_NOT_FOUND', message) };
    }
    const id = `${scheduleId}:cancel`;
    const data = { by: principal };
    const execution = await this.execute(request, { id, type: 'CancelSchedule', data });
    return isRefused(execution)
      ? { refused: execution.refused }
      : { schedule: scheduleView(thereIn(execution)) };
  }

  list(request: ScheduleRequest<'list'>): ScheduleAnswer<'list'> {
    const { tenant, scheduleId, cursor = '', limit } = request;
    const found = this.known
      .of(tenant)
      .filter((each) => scheduleId === undefined || each.definition.scheduleId === scheduleId)
      .filter((each) => placeOf(each) > cursor);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const schedules = page.map(scheduleView);
    return found.length > page.length && last !== undefined
      ? { schedules, cursor: placeOf(last) }
      : { schedules };
  }

  /**
   * Carries out what is to become of a tick; true when it had not been before.
   *
   * @throws WorldError as CommandHandler
   */
  async tell({ definition }: AgentSchedule, command: AgentScheduleCommand): Promise<boolean> {
    const execution = await this.execute(definition, command);
    return !isRefused(execution) && execution.events.length > 0;
  }

  /** Those of the tenant that are not over, but for this one, and those that are being made. */
  private countOf(tenant: string, besides: string): number {
    let count = this.known.liveOf(tenant);
    for (const [scheduleId, of] of this.making) {
      const isKnown = this.known.get(scheduleId) !== undefined;
      if (of === tenant && scheduleId !== besides && !isKnown) count += 1;
    }
    return count;
  }

  private async execute(
    of: { readonly scheduleId: string; readonly tenant: string; readonly principal: string },
    command: AgentScheduleCommand,
  ): Promise<Execution<ScheduleEvent, AgentScheduleState>> {
    const { scheduleId, tenant, principal } = of;
    const execution = await this.handler.execute(scheduleId, command, { tenant, principal });
    this.keep(execution.state, execution.revision);
    return execution;
  }

  private take(commit: Commit): void {
    const { stream } = commit;
    if (this.options.setAside.of(stream) !== undefined) return;
    const read = this.handler.take(commit);
    const scheduleId = stream.slice(streamNames.schedulePrefix.length);
    const known = this.known.get(scheduleId);
    const news = read.filter(({ revision }) => revision > (known?.revision ?? -1));
    this.keep(fold(agentScheduleDecider, news, known?.schedule), commit.revision);
  }

  private keep(state: AgentScheduleState, revision: number): void {
    if (state !== undefined && this.known.keep(state, revision)) this.options.onChange();
  }
}

function thereIn({ state }: Execution<ScheduleEvent, AgentScheduleState>): AgentSchedule {
  if (state === undefined) throw new Error('a command on a schedule left none behind');
  return state;
}
