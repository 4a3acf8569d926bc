import type { CallToolResult } from '@modelcontextprotocol/client';

/** What a model gets to read of a tool's result. Texts as they are; of anything else, what it is. */
export function textOf({ content, structuredContent }: CallToolResult): string {
  const parts = content.map((block) => {
    switch (block.type) {
      case 'text':
        return block.text;
      case 'image':
      case 'audio':
        return `[${block.type} ${block.mimeType}, ${block.data.length} base64 characters]`;
      case 'resource_link':
        return `[resource ${block.uri}]`;
      case 'resource':
        return 'text' in block.resource ? block.resource.text : `[resource ${block.resource.uri}]`;
      default:
        return '';
    }
  });
  const text = parts.join('\n');
  return text === '' && structuredContent !== undefined ? JSON.stringify(structuredContent) : text;
}
