import { AUDIT_TEXT_LENGTHS, auditEntrySchema, type AuditEntry } from '@skynet/contracts';
import type { Act } from './audit-trail.port.js';

const { name, reason, detail } = AUDIT_TEXT_LENGTHS;
const ADDRESS_LENGTH = 64;

/** An entry that can be stored: what strangers said of themselves may be of any length, and hold anything. */
export function entryOf(act: Act, id: string, timeMs: number): AuditEntry {
  const { target, details } = act;
  const entry = {
    ...act,
    id,
    timeMs: Math.floor(timeMs),
    ...optional('client', act.client, name),
    ...optional('address', act.address, ADDRESS_LENGTH),
    ...optional('reason', act.reason, reason),
    ...(target !== undefined && { target: { ...target, id: shortened(target.id, name) || '?' } }),
    ...(details !== undefined && { details: shortenedAll(details) }),
  };
  const parsed = auditEntrySchema.safeParse(entry);
  if (parsed.success) return parsed.data;
  // Better less of it than nothing.
  const { act: what, outcome } = act;
  const why = shortened(parsed.error.issues.map(({ path }) => path.join('.')).join(', '), detail);
  return { id, timeMs: entry.timeMs, act: what, outcome, details: { unreadable: why } };
}

function optional(field: string, text: string | undefined, length: number) {
  const short = shortened(text ?? '', length);
  return { [field]: short === '' ? undefined : short };
}

function shortenedAll(details: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(details).map(([key, text]) => [key, shortened(text, detail)]);
  return Object.fromEntries(entries) as Record<string, string>;
}

// A lone half of a pair has no UTF-8 form: the hash of the record would not be that of what is stored.
function shortened(text: string, length: number): string {
  return text.slice(0, length).toWellFormed();
}
