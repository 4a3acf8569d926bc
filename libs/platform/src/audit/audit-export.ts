import { auditEventSchemas, type AuditRecord } from '@skynet/contracts';
import { z } from 'zod';

/** First line of an export: the whole of it is named and signed there, so that nothing can be cut off. */
const exportHeaderSchema = z.object({
  format: z.literal('skynet-audit'),
  version: z.literal(1),
  /** First record of the file. */
  from: z.int().nonnegative(),
  /** Checkpoint of the last one. */
  head: z.string().max(2_048),
});
export type ExportHeader = z.infer<typeof exportHeaderSchema>;

/** Every other line. */
export type ExportLine =
  | { readonly record: AuditRecord }
  | { readonly checkpoint: { readonly seq: number; readonly jws: string } };

const recordLineSchema = z.object({ record: z.looseObject({ seq: z.int().nonnegative() }) });
const checkpointLineSchema = z.object({ checkpoint: auditEventSchemas.CheckpointSigned });

/** A record as it was read: not checked yet. */
export interface ReadRecord {
  readonly seq: number;
  readonly raw: Readonly<Record<string, unknown>>;
}

export type ReadLine =
  | ({ readonly kind: 'record' } & ReadRecord)
  | { readonly kind: 'checkpoint'; readonly seq: number; readonly jws: string }
  | { readonly kind: 'unreadable' };

/** What a line says; lines are of strangers' making until they are verified. */
export function readLine(text: string): ReadLine {
  const data = parsed(text);
  const record = recordLineSchema.safeParse(data);
  if (record.success) {
    const raw = record.data.record;
    return { kind: 'record', seq: raw.seq, raw };
  }
  const checkpoint = checkpointLineSchema.safeParse(data);
  if (checkpoint.success) return { kind: 'checkpoint', ...checkpoint.data.checkpoint };
  return { kind: 'unreadable' };
}

/** Undefined when the line is no header of an export. */
export function readHeader(text: string): ExportHeader | undefined {
  return exportHeaderSchema.safeParse(parsed(text)).data;
}

/** One form only, the one that is written: two readers must not see two things in a line. */
function parsed(text: string): unknown {
  try {
    const data = JSON.parse(text) as unknown;
    return JSON.stringify(data) === text.trim() ? data : undefined;
  } catch {
    return undefined;
  }
}
