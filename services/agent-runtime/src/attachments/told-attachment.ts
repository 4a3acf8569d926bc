import type { Attachment } from '@skynet/contracts';

/** One line for a model: what it is, and the id by which it is read, handed on and named. */
export function toldAttachment({ content, mediaType, name }: Attachment): string {
  const about = [...(name === undefined ? [] : [name]), mediaType, `${content.bytes} bytes`];
  return `[attachment ${content.sha256}: ${about.join(', ')}]`;
}
