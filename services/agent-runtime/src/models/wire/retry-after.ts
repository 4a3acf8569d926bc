/** The server's wish, milliseconds: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterMs(
  header: (name: string) => string | null | undefined,
  nowMs: number,
): number | undefined {
  const inMs = numberOf(header('retry-after-ms'));
  if (inMs !== undefined) return Math.max(0, inMs);
  const given = header('retry-after');
  const seconds = numberOf(given);
  const waitMs = seconds === undefined ? Date.parse(given ?? '') - nowMs : seconds * 1_000;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}

function numberOf(text: string | null | undefined): number | undefined {
  const number = Number(text?.trim() || NaN);
  return Number.isFinite(number) ? number : undefined;
}
