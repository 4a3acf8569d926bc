import {
  attachmentIdSchema,
  INLINE_ATTACHMENTS_MAX_CHARS,
  rejection,
  type Attachment,
  type AttachmentInput,
} from '@skynet/contracts';
import type { Refused } from '@skynet/kernel';
import {
  attachmentName,
  bytesOfBase64,
  dataOfUri,
  mediaTypeOf,
  payloadRefOf,
  WorldError,
  type InlineData,
  type PayloadStore,
} from '@skynet/platform';
import { wholeReads } from './whole-reads.js';

/** Of all attachments of one agent's task. */
const TOTAL_MAX_BYTES = 64 * 1_024 * 1_024;

/**
 * The attachments that the arguments of a spawn ask for, all of them stored by then, each once. Safe to retry.
 *
 * @throws WorldError when the store does not answer
 */
export async function keptAttachments(
  payloads: PayloadStore,
  tenant: string,
  asked: readonly AttachmentInput[],
): Promise<readonly Attachment[] | Refused> {
  const inline = asked.reduce((sum, { data = '', uri = '' }) => sum + data.length + uri.length, 0);
  if (inline > INLINE_ATTACHMENTS_MAX_CHARS) {
    const most = INLINE_ATTACHMENTS_MAX_CHARS / 1_024;
    const next = 'upload them first, by POST /attachments, and give ids';
    return no('attachments', `together over ${most} KiB; ${next}`);
  }
  const kept = new Map<string, Attachment>();
  let total = 0;
  // One after the other: each may be 16 MiB in memory.
  for (const [index, input] of asked.entries()) {
    const keep = () => keptAttachment(payloads, tenant, input);
    const one = await (input.id === undefined ? keep() : wholeReads.run(tenant, keep));
    if (typeof one === 'string') return no(`attachments[${index}]`, one);
    const { sha256, bytes } = one.content;
    if (kept.has(sha256)) continue;
    total += bytes;
    if (total > TOTAL_MAX_BYTES) {
      return no('attachments', `together over ${TOTAL_MAX_BYTES} bytes`);
    }
    kept.set(sha256, one);
  }
  return [...kept.values()];
}

/** Or why it is none. */
async function keptAttachment(
  payloads: PayloadStore,
  tenant: string,
  input: AttachmentInput,
): Promise<Attachment | string> {
  const found = await contentOf(payloads, tenant, input);
  if (typeof found === 'string') return found;
  const { bytes } = found;
  if (bytes.length === 0) return 'it is empty';
  const mediaType = mediaTypeOf(bytes, input.mediaType ?? found.mediaType);
  const name = attachmentName(input.name);
  const content = input.id === undefined ? await payloads.put(tenant, bytes) : payloadRefOf(bytes);
  return { content, mediaType, ...(name !== undefined && { name }) };
}

async function contentOf(
  payloads: PayloadStore,
  tenant: string,
  { id, data, uri }: AttachmentInput,
): Promise<InlineData | string> {
  if ([id, data, uri].filter((each) => each !== undefined).length !== 1) {
    return 'give one of id, data and uri';
  }
  if (data !== undefined) {
    const bytes = bytesOfBase64(data);
    return bytes === undefined ? 'data is no base64' : { bytes };
  }
  if (uri !== undefined) {
    return dataOfUri(uri) ?? 'uri is no data: URI; others are not fetched';
  }
  const known = attachmentIdSchema.safeParse(id?.trim().toLowerCase());
  const bytes = known.success ? await storedBytes(payloads, tenant, known.data) : undefined;
  if (bytes === 'damaged') return `attachment ${id} is damaged in the store`;
  return bytes === undefined ? `there is no attachment ${id}; upload it first` : { bytes };
}

async function storedBytes(
  payloads: PayloadStore,
  tenant: string,
  id: string,
): Promise<Buffer | 'damaged' | undefined> {
  try {
    return await payloads.find(tenant, id);
  } catch (error) {
    if (error instanceof WorldError && error.retry === 'never') return 'damaged';
    throw error;
  }
}

function no(what: string, why: string): Refused {
  return { refused: rejection('INVALID_ARGUMENTS', `${what}: ${why}`) };
}
