import type { ToolProgress } from '../tool-server.port.js';

const MAX_MESSAGE_CHARS = 400;

/** What a server tells of a call under way; undefined where that is nothing to show. */
export function readProgress({
  progress,
  total,
  message,
}: {
  readonly progress?: unknown;
  readonly total?: unknown;
  readonly message?: unknown;
}): ToolProgress | undefined {
  const text = typeof message === 'string' ? message.slice(0, MAX_MESSAGE_CHARS).trim() : '';
  const percent = percentOf(progress, total);
  if (text === '' && percent === undefined) return undefined;
  return { message: text.toWellFormed(), ...(percent !== undefined && { percent }) };
}

function percentOf(progress: unknown, total: unknown): number | undefined {
  if (typeof progress !== 'number' || typeof total !== 'number' || total <= 0) return undefined;
  const percent = Math.floor((progress / total) * 100);
  return Number.isFinite(percent) ? Math.min(100, Math.max(0, percent)) : undefined;
}
