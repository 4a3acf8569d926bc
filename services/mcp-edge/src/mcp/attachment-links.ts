import type { CallToolResult } from '@modelcontextprotocol/server';
import { attachmentShape, type AttachmentShape } from '@skynet/contracts';
import { z } from 'zod';

const named = z.object({ attachments: z.array(attachmentShape) });
const answer = z.union([named, z.object({ result: named }).transform(({ result }) => result)]);

/** The attachments that an answer tells of, as links that its reader may follow with the token of the call. */
export function attachmentLinks(output: object, edge: string): CallToolResult['content'] {
  if (!('attachments' in output) && !('result' in output)) return [];
  const found = answer.safeParse(output);
  return found.success ? found.data.attachments.map((each) => linkTo(each, edge)) : [];
}

/** Beside the URL of MCP. */
function linkTo({ id, name, mediaType, bytes }: AttachmentShape, edge: string) {
  const url = new URL(`attachments/${id}`, edge);
  if (name !== undefined) url.searchParams.set('name', name);
  return {
    type: 'resource_link' as const,
    uri: url.href,
    name: name ?? id,
    mimeType: mediaType,
    size: bytes,
  };
}
