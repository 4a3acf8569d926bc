import {
  cancelScheduleTool,
  listSchedulesTool,
  rejection,
  scheduleAgentTool,
  type ErrorCode,
  type ScheduleRequest,
  type ScheduleShape,
  type ScheduleView,
} from '@skynet/contracts';
import { isRefused, type Refused } from '@skynet/kernel';
import { hashOf, type Clock } from '@skynet/platform';
import type { z } from 'zod';
import { dateOf } from '../views/agent-shapes.js';
import type { ScheduleRequests } from '../views/schedule-requests.js';
import { edgeTool, no, yes, type EdgeTool } from './edge-tool.js';
import { NewAgentIds } from './new-agent-ids.js';

const PAGE = 50;
const CURSOR = /^\d{15}\.[0-9a-f-]{36}$/;

type Asked = Omit<z.output<typeof scheduleAgentTool.input>, 'idempotencyKey'>;

/** The tools about agents that are spawned later. */
export function scheduleTools(schedules: ScheduleRequests, clock: Clock): readonly EdgeTool[] {
  const madeAtMs = async (tenant: string, scheduleId: string) => {
    return (await schedules.list({ tenant, scheduleId, limit: 1 })).schedules[0]?.createdAtMs;
  };
  const ids = new NewAgentIds(madeAtMs, clock);

  return [
    edgeTool(scheduleAgentTool, async ({ idempotencyKey, ...input }, call) => {
      const when = whenOf(input);
      if (isRefused(when)) return when;
      const { principal, tenant } = call.principal;
      const scheduleId = await ids.idFor({ kind: 'schedule', idempotencyKey, input }, call);
      const { agent: spawn, catchUp = 'skip' } = input;
      const asked = { scheduleId, spawn, when, catchUp, askedHash: hashOf(input) };
      const request = { tenant, principal, ...asked };
      const refused = await schedules.refusalOf(tenant, spawn);
      // A repeat is answered for, though registry or quotas have changed since.
      const isNew = async () => (await madeAtMs(tenant, scheduleId)) === undefined;
      if (refused !== undefined && (await isNew())) return no(refused);
      call.record.sending(request);
      const answer = await schedules.create(request);
      if (isRefused(answer)) return answer;
      const { repeated, schedule } = answer;
      return yes({ ...shapeOf(schedule), ...(repeated && { repeated }) });
    }),
    edgeTool(listSchedulesTool, async ({ cursor }, { principal: { tenant } }) => {
      if (cursor !== undefined && !CURSOR.test(cursor)) {
        return no(rejection('INVALID_ARGUMENTS', 'cursor: not one of list_schedules'));
      }
      const page = await schedules.list({ tenant, cursor, limit: PAGE });
      const { cursor: nextCursor } = page;
      return yes({
        schedules: page.schedules.map(shapeOf),
        ...(nextCursor !== undefined && { nextCursor }),
      });
    }),
    edgeTool(cancelScheduleTool, async ({ scheduleId }, call) => {
      const { principal, tenant } = call.principal;
      const request = { tenant, principal, scheduleId };
      call.record.sending(request);
      const answer = await schedules.cancel(request);
      return isRefused(answer) ? answer : yes(shapeOf(answer.schedule));
    }),
  ];
}

/** Of the three ways to say when exactly one. */
function whenOf(asked: Asked): ScheduleRequest<'create'>['when'] | Refused<ErrorCode> {
  const { cron, at, afterSeconds, timeZone = 'UTC' } = asked;
  const said = [cron, at, afterSeconds].filter((each) => each !== undefined);
  if (said.length !== 1) {
    return no(rejection('INVALID_ARGUMENTS', 'say exactly one of cron, at and afterSeconds'));
  }
  if (cron !== undefined) return { kind: 'cron', expression: cron, timeZone };
  return at === undefined
    ? { kind: 'after', seconds: afterSeconds ?? 0 }
    : { kind: 'at', atMs: Date.parse(at) };
}

function shapeOf(view: ScheduleView): ScheduleShape {
  const { createdAtMs, nextTickMs, skippedFromMs, lastTick, ...same } = view;
  return {
    ...same,
    createdAt: dateOf(createdAtMs),
    ...(nextTickMs !== undefined && { nextTick: dateOf(nextTickMs) }),
    ...(lastTick !== undefined && { lastTick: tickShapeOf(lastTick) }),
    ...(skippedFromMs !== undefined && { skippedFrom: dateOf(skippedFromMs) }),
  };
}

function tickShapeOf({ tickMs, ...same }: NonNullable<ScheduleView['lastTick']>) {
  return { time: dateOf(tickMs), ...same };
}
