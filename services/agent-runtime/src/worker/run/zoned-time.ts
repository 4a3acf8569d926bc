const UTC = 'UTC';

/** `2026-03-01T14:05:09+01:00, Sunday, Europe/Berlin`; undefined when there is no such time zone. */
export function timeIn(timeZone: string = UTC, nowMs: number): string | undefined {
  const format = formatFor(timeZone);
  if (format === undefined) return undefined;
  const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  const date = `${part('year')}-${part('month')}-${part('day')}`;
  const time = `${part('hour')}:${part('minute')}:${part('second')}`;
  const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
  return `${date}T${time}${offset}, ${part('weekday')}, ${format.resolvedOptions().timeZone}`;
}

function formatFor(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      weekday: 'long',
      timeZoneName: 'longOffset',
    });
  } catch {
    return undefined;
  }
}
