import { rejection, type ScheduleDefinition, type ScheduleEvent } from '@skynet/contracts';
import { accept, nothingToDo, reject, type Decider, type Decision } from '@skynet/kernel';

type DataOf<Type extends ScheduleEvent['type']> = Extract<ScheduleEvent, { type: Type }>['data'];
type Outcome = DataOf<'TickSettled'>['outcome'];

export type AgentScheduleCommand = { readonly id: string } & (
  | { readonly type: 'CreateSchedule'; readonly data: ScheduleDefinition }
  | { readonly type: 'StartTick'; readonly data: DataOf<'TickStarted'> }
  | { readonly type: 'SettleTick'; readonly data: DataOf<'TickSettled'> }
  | { readonly type: 'SkipTicks'; readonly data: DataOf<'TicksSkipped'> }
  | { readonly type: 'CancelSchedule'; readonly data: { readonly by: string } }
);

export interface Tick {
  readonly tickMs: number;
  readonly agentId: string;
  /** Undefined while nobody has answered whether there is an agent. */
  readonly outcome?: Outcome;
}

export interface AgentSchedule {
  readonly definition: ScheduleDefinition;
  readonly isCancelled: boolean;
  /** Epoch milliseconds; undefined when no more ticks come. */
  readonly nextTickMs: number | undefined;
  readonly lastTick: Tick | undefined;
  /** Beginning of the newest ticks that were skipped. */
  readonly skippedFromMs: number | undefined;
}

/** Undefined for a schedule that is not there. */
export type AgentScheduleState = AgentSchedule | undefined;

/** The rules of one schedule. A tick is started before its agent is asked for, and none is started before the last is settled. */
export const agentScheduleDecider: Decider<
  AgentScheduleCommand,
  ScheduleEvent,
  AgentScheduleState
> = {
  initialState: undefined,
  decide,
  evolve,
};

/** The tick whose agent was asked for and of which nobody has answered yet. */
export function openTick({ lastTick }: AgentSchedule): Tick | undefined {
  return lastTick !== undefined && lastTick.outcome === undefined ? lastTick : undefined;
}

/** Whether nothing more comes of it. */
export function isOver(schedule: AgentSchedule): boolean {
  return schedule.nextTickMs === undefined && openTick(schedule) === undefined;
}

function decide(command: AgentScheduleCommand, state: AgentScheduleState): Decision<ScheduleEvent> {
  if (command.type === 'CreateSchedule') return create(command.data, state);
  if (state === undefined) {
    return reject(rejection('SCHEDULE_NOT_FOUND', 'There is no such schedule.'));
  }
  switch (command.type) {
    case 'StartTick':
      return start(command.data, state);
    case 'SettleTick': {
      const isOpen = openTick(state)?.tickMs === command.data.tickMs;
      return isOpen ? accept({ type: 'TickSettled', data: command.data }) : nothingToDo();
    }
    case 'SkipTicks': {
      const isNext = state.nextTickMs === command.data.fromMs;
      return isNext ? accept({ type: 'TicksSkipped', data: command.data }) : nothingToDo();
    }
    case 'CancelSchedule':
      return state.isCancelled || isOver(state)
        ? nothingToDo()
        : accept({ type: 'ScheduleCancelled', data: command.data });
  }
}

function create(
  definition: ScheduleDefinition,
  state: AgentScheduleState,
): Decision<ScheduleEvent> {
  if (state === undefined) return accept({ type: 'ScheduleCreated', data: definition });
  const { scheduleId, askedHash } = definition;
  if (state.definition.askedHash === askedHash) return nothingToDo();
  const message = `Schedule ${scheduleId} was made with other arguments.`;
  return reject(rejection('IDEMPOTENCY_CONFLICT', message));
}

function start(data: DataOf<'TickStarted'>, state: AgentSchedule): Decision<ScheduleEvent> {
  const { nextTickMs } = state;
  const { tickMs } = data;
  if (nextTickMs === undefined || tickMs < nextTickMs || openTick(state) !== undefined) {
    return nothingToDo();
  }
  const started = { type: 'TickStarted', data } as const;
  if (tickMs === nextTickMs) return accept(started);
  const skipped = { fromMs: nextTickMs, nextTickMs: tickMs };
  return accept<ScheduleEvent>({ type: 'TicksSkipped', data: skipped }, started);
}

function evolve(state: AgentScheduleState, event: ScheduleEvent): AgentScheduleState {
  if (event.type === 'ScheduleCreated') {
    const { nextTickMs } = event.data;
    const none = { lastTick: undefined, skippedFromMs: undefined };
    return { definition: event.data, isCancelled: false, nextTickMs, ...none };
  }
  return state && evolveThere(state, event);
}

function evolveThere(
  state: AgentSchedule,
  event: Exclude<ScheduleEvent, { type: 'ScheduleCreated' }>,
): AgentSchedule {
  switch (event.type) {
    case 'TickStarted': {
      const { tickMs, agentId, nextTickMs } = event.data;
      return { ...state, nextTickMs, lastTick: { tickMs, agentId } };
    }
    case 'TickSettled': {
      const { lastTick } = state;
      const { outcome } = event.data;
      return { ...state, lastTick: lastTick && { ...lastTick, outcome } };
    }
    case 'TicksSkipped': {
      const { fromMs, nextTickMs } = event.data;
      return { ...state, nextTickMs, skippedFromMs: fromMs };
    }
    case 'ScheduleCancelled':
      return { ...state, nextTickMs: undefined, isCancelled: true };
  }
}
