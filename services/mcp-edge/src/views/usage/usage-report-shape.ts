import {
  DAY_MS,
  dayStartMs,
  type QueryAnswer,
  type QueryRequest,
  type UsageReportShape,
} from '@skynet/contracts';

const DEFAULT_DAYS = 30;
const DEFAULT_GROUPS = 50;
const DATE_CHARS = 'YYYY-MM-DD'.length;

/** As they were asked for; `since` and `until` are dates or times in ISO 8601. */
interface Wishes {
  readonly by?: UsageReportShape['by'] | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly limit?: number | undefined;
}

/** Up to the end of the day of `until`; in one tree from its beginning. */
export function reportSpan(
  { by = 'day', since, until, limit = DEFAULT_GROUPS }: Wishes,
  nowMs: number,
  isOfTree: boolean,
): Pick<QueryRequest<'usageReport'>, 'by' | 'sinceMs' | 'untilMs' | 'limit'> {
  const lastMs = until === undefined ? nowMs : Date.parse(until);
  const monthMs = isOfTree ? 0 : lastMs - DEFAULT_DAYS * DAY_MS;
  const sinceMs = since === undefined ? monthMs : Date.parse(since);
  return { by, limit, sinceMs: dayStartMs(sinceMs), untilMs: dayStartMs(lastMs) + DAY_MS };
}

export function usageReportShape(
  { by, sinceMs, untilMs }: Pick<QueryRequest<'usageReport'>, 'by' | 'sinceMs' | 'untilMs'>,
  { groups, more, total, undetailed, isCut }: QueryAnswer<'usageReport'>,
): UsageReportShape {
  const notes = [
    ...(undetailed > 0
      ? [
          `${undetailed} agents are from a release before: all they used counts for their last day, as one call`,
        ]
      : []),
    ...(isCut ? ['there are more agents than are looked at: the oldest are left out'] : []),
  ];
  return {
    by,
    since: dateOfDay(sinceMs),
    until: dateOfDay(untilMs - DAY_MS),
    groups,
    more,
    total,
    notes,
  };
}

function dateOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, DATE_CHARS);
}
