import type { Plant } from './patched-source.js';

const scheduling = 'domain/scheduling/dist';
const scheduler = 'scheduler/dist';

/** Bugs in what becomes of schedules and quotas. */
export const requestPlants: readonly Plant[] = [
  {
    name: 'a tick that was started is not gone on with',
    file: `${scheduling}/agent-schedules/due-step.js`,
    from: 'if (open !== undefined)',
    to: 'if (false)',
  },
  {
    name: 'a tick comes before its time',
    file: `${scheduler}/schedules/scheduled-agents.js`,
    from: 'new Ticks({ ...ports,',
    to: 'new Ticks({ ...ports, clock: { ...ports.clock, nowMs: () => ports.clock.nowMs() + 2_000 },',
  },
  {
    name: 'a tick is asked for another agent each time',
    file: `${scheduler}/schedules/spawn-requests.js`,
    from: 'agentIdOf(tick.agentId)',
    to: 'agentIdOf(crypto.randomUUID())',
  },
  {
    name: 'a tick nobody answered for counts as done',
    file: `${scheduler}/schedules/ticks.js`,
    from: 'if (reply === undefined)\n            return this.again(scheduleId);',
    to: 'if (reply === undefined) return this.settle(schedule, tick);',
  },
  {
    name: 'a schedule that was cancelled goes on',
    file: `${scheduling}/agent-schedules/agent-schedule.decider.js`,
    from: 'nextTickMs: undefined, isCancelled: true',
    to: 'isCancelled: true',
  },
  {
    name: 'a schedule that is there is made again',
    file: `${scheduling}/agent-schedules/agent-schedule.decider.js`,
    from: "if (state === undefined)\n        return accept({ type: 'ScheduleCreated'",
    to: "if (true)\n        return accept({ type: 'ScheduleCreated'",
  },
  {
    name: 'trees start above the quota of running trees',
    file: `${scheduling}/tenant-shares.js`,
    from: 'load.runningTrees + treesToBegin >= runningTrees',
    to: 'false',
  },
  {
    name: 'trees start above the quota of live agents',
    file: `${scheduling}/tenant-shares.js`,
    from: 'load.liveAgents + treesToBegin >= liveAgents',
    to: 'false',
  },
  {
    name: 'quotas that change stay as they were',
    file: `${scheduler}/tenants/tenants.js`,
    from: '(this.known.get(tenant)?.revision ?? -1) >= revision',
    to: 'this.known.has(tenant)',
  },
];
