import type { Attachment } from '@skynet/contracts';
import type { SpawnedAgent, ToolOutcome } from '@skynet/domain-agents';
import { storeText, type PayloadStore } from '@skynet/platform';
import { toldAttachment } from './told-attachment.js';
import type { ToolFile, ToolResult } from '../tools/tool-server.port.js';

/** Longest tool result that is a part of the conversation, characters. */
const TOOL_RESULT_MAX_CHARS = 400_000;
/** What of longer ones is kept as a file: as many as surely fit into one. */
const WHOLE_RESULT_MAX_CHARS = 5 * 1_024 * 1_024;
/** Of all files that a conversation holds. */
const AGENT_FILES_MAX_BYTES = 256 * 1_024 * 1_024;

type Settled = Extract<ToolOutcome, { readonly kind: 'settled' }>;

/**
 * A result as the log takes it, with all that lies beside it stored by then. Safe to retry.
 *
 * @throws WorldError when the store does not answer
 */
export async function keptResult(
  payloads: PayloadStore,
  agent: SpawnedAgent,
  result: ToolResult,
): Promise<Settled> {
  const { tenant } = agent.spawned;
  const { isError, fromCache } = result;
  const attachments: Attachment[] = [];
  const refused: string[] = [];
  let left = AGENT_FILES_MAX_BYTES - heldBy(agent);
  for (const { bytes, mediaType, name } of filesOf(result)) {
    left -= bytes.length;
    if (left < 0) {
      refused.push(`[a file (${mediaType}) was left out: the agent has too many of them]`);
      continue;
    }
    const content = await payloads.put(tenant, bytes);
    attachments.push({ content, mediaType, ...(name !== undefined && { name }) });
  }
  const lines = [cut(result.content), ...attachments.map(toldAttachment), ...refused];
  const content = lines.filter((line) => line !== '').join('\n');
  return {
    kind: 'settled',
    content: await storeText(payloads, tenant, content),
    isError,
    ...(attachments.length > 0 && { attachments }),
    ...(fromCache !== undefined && { fromCache }),
  };
}

/** What a server wants to know first; safe to retry as well. */
export async function keptQuestions(
  payloads: PayloadStore,
  { spawned: { tenant } }: SpawnedAgent,
  { requests, state }: NonNullable<ToolResult['asks']>,
): Promise<ToolOutcome> {
  const kept = state === undefined ? undefined : await storeText(payloads, tenant, state);
  return { kind: 'asks', requests, ...(kept !== undefined && { state: kept }) };
}

/** Images as well: so they can be named and handed on. */
function filesOf({ content, images = [], files = [] }: ToolResult): readonly ToolFile[] {
  const shown = images.map(({ mimeType, data }) => ({
    bytes: Buffer.from(data, 'base64'),
    mediaType: mimeType,
  }));
  const isCut = content.length > TOOL_RESULT_MAX_CHARS;
  const whole = content.slice(0, WHOLE_RESULT_MAX_CHARS).toWellFormed();
  const text = {
    bytes: Buffer.from(isCut ? whole : ''),
    mediaType: 'text/plain',
    name: 'result.txt',
  };
  return [...(isCut ? [text] : []), ...shown, ...files];
}

function heldBy({ conversation }: SpawnedAgent): number {
  const held = conversation.flatMap((entry) =>
    entry.kind === 'toolResult' ? (entry.attachments ?? []) : [],
  );
  return held.reduce((sum, { content }) => sum + content.bytes, 0);
}

function cut(content: string): string {
  if (content.length <= TOOL_RESULT_MAX_CHARS) return content;
  const rest = content.length - TOOL_RESULT_MAX_CHARS;
  return `${content.slice(0, TOOL_RESULT_MAX_CHARS).toWellFormed()}\n[${rest} more characters left out]`;
}
