import type { Attachment } from '@skynet/contracts';
import { isShowable, isTextual, WorldError, type PayloadStore } from '@skynet/platform';
import { toldAttachment } from '../attachments/told-attachment.js';
import { wholeReads } from '../attachments/whole-reads.js';
import { BUILT_IN } from '../tools/built-in-tools.js';

/** Of one file, as part of the task. */
const FILE_MAX_BYTES = 32 * 1_024;
/** Of all files of a task; less for models that take little. */
const FILES_MAX_BYTES = 64 * 1_024;
/** No image is more tokens for any model; one byte is no less than one token. */
const IMAGE_BYTES = 5_000;
/** Of what is said of one beside its line and its text. */
const REMARK_BYTES = 400;

const HEAD = 'Attachments (by its id one is handed on, and named in an answer):';

interface Shown {
  readonly attachment: Attachment;
  /** Of its text; the others are named only. */
  readonly bytes: number;
}

/** No fewer bytes than what the task's attachments add to a request, images included. */
export function attachedBytes(
  attachments: readonly Attachment[],
  contextTokens: number | undefined,
): number {
  return shares(attachments, contextTokens).reduce((sum, { attachment, bytes }) => {
    const image = isShowable(attachment.mediaType) ? IMAGE_BYTES : 0;
    return sum + Buffer.byteLength(toldAttachment(attachment)) + REMARK_BYTES + image + bytes;
  }, 0);
}

/** What the task says of its attachments: texts as far as there is room for them, and what the others are. */
export async function attachedTexts(
  attachments: readonly Attachment[],
  from: {
    readonly payloads: PayloadStore;
    readonly tenant: string;
    readonly contextTokens: number | undefined;
  },
): Promise<string> {
  const told: string[] = [];
  // One after the other: each may be 16 MiB in memory.
  for (const { attachment, bytes } of shares(attachments, from.contextTokens)) {
    const line = toldAttachment(attachment);
    const isText = isTextual(attachment.mediaType);
    told.push(isText ? `${line}\n${await beginning(attachment, bytes, from)}` : line);
  }
  return `${HEAD}\n${told.join('\n')}`;
}

function shares(attachments: readonly Attachment[], contextTokens = Infinity): readonly Shown[] {
  let left = Math.min(FILES_MAX_BYTES, Math.floor(contextTokens / 4));
  return attachments.map((attachment) => {
    const isText = isTextual(attachment.mediaType);
    const bytes = isText ? Math.min(attachment.content.bytes, FILE_MAX_BYTES, left) : 0;
    left -= bytes;
    return { attachment, bytes };
  });
}

async function beginning(
  attachment: Attachment,
  bytes: number,
  from: { readonly payloads: PayloadStore; readonly tenant: string },
): Promise<string> {
  const { content } = attachment;
  const text =
    bytes === 0 ? '' : await wholeReads.run(from.tenant, () => firstBytes(content, bytes, from));
  if (text === undefined) return '[its bytes are not in the store any more]';
  const end =
    bytes < content.bytes
      ? `[cut after ${bytes} of ${content.bytes} bytes; ${BUILT_IN.readResult} with this id reads on]`
      : '[end of the attachment]';
  return `${text}\n${end}`;
}

async function firstBytes(
  content: Attachment['content'],
  bytes: number,
  { payloads, tenant }: { readonly payloads: PayloadStore; readonly tenant: string },
): Promise<string | undefined> {
  const whole = await payloads.getBytes(tenant, content).catch((error: unknown) => {
    if (error instanceof WorldError && error.retry === 'never') return undefined;
    throw error;
  });
  if (whole === undefined) return undefined;
  // Without half a character at its end.
  return new TextDecoder().decode(whole.subarray(0, bytes), { stream: true });
}
