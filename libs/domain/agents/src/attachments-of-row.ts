import type { AgentRow, Attachment } from '@skynet/contracts';

/** A row stays small: of more the newest are told. */
const MOST_ATTACHMENTS = 50;

/** With these, each once. */
export function withAttachments(
  { attachments: before = [] }: Pick<AgentRow, 'attachments'>,
  added: readonly Attachment[] = [],
): Pick<AgentRow, 'attachments'> {
  if (added.length === 0) return {};
  const told = added.map(({ content, mediaType, name }) => ({
    id: content.sha256,
    mediaType,
    bytes: content.bytes,
    ...(name !== undefined && { name }),
  }));
  const known = new Map([...before, ...told].map((each) => [each.id, each]));
  return { attachments: [...known.values()].slice(-MOST_ATTACHMENTS) };
}
