import { agentIdOf, getAgentEventsTool, rejection } from '@skynet/contracts';
import { z } from 'zod';
import { dateOf } from '../views/agent-shapes.js';
import { cursorAt, positionOf } from '../views/page-cursor.js';
import type { ViewQueries } from '../views/view-queries.js';
import { agentNotFound, edgeTool, no, yes, type EdgeTool } from './edge-tool.js';

const PAGE_EVENTS = 100;

const dataSchema = z.record(z.string(), z.unknown());

export function getAgentEvents(queries: ViewQueries): EdgeTool {
  return edgeTool(getAgentEventsTool, async ({ agentId, cursor = cursorAt(0) }, { principal }) => {
    const from = positionOf(cursor);
    if (from === undefined) {
      return no(rejection('INVALID_ARGUMENTS', 'cursor: not one of get_agent_events'));
    }
    const { tenant } = principal;
    const request = { tenant, agentId: agentIdOf(agentId), from, limit: PAGE_EVENTS };
    const { found, events, next } = await queries.ask('events', request);
    if (!found) return agentNotFound(agentId);
    return yes({
      events: events.map(({ revision, type, timeMs, epoch, traceparent, data }) => ({
        revision,
        type,
        time: dateOf(timeMs),
        epoch,
        traceparent,
        data: dataSchema.parse(data),
      })),
      ...(next !== undefined && { nextCursor: cursorAt(next) }),
    });
  });
}
