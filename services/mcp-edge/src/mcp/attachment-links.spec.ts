import { describe, expect, it } from '@jest/globals';
import { attachmentLinks } from './attachment-links.js';

const id = 'a'.repeat(64);
const attachment = { id, mediaType: 'image/png', bytes: 70, name: 'карта.png' };
const edge = 'https://skynet.example/eu/mcp';

describe('the attachments of an answer', () => {
  it.each([
    ['a status or a result', { agentId: 'a', attachments: [attachment] }],
    ['the result of a spawn that was waited for', { result: { attachments: [attachment] } }],
  ])('are links beside its text: %s', (_, output) => {
    expect(attachmentLinks(output, edge)).toEqual([
      {
        type: 'resource_link',
        uri: `https://skynet.example/eu/attachments/${id}?name=%D0%BA%D0%B0%D1%80%D1%82%D0%B0.png`,
        name: 'карта.png',
        mimeType: 'image/png',
        size: 70,
      },
    ]);
  });

  it('are none where it tells of none', () => {
    expect(attachmentLinks({ agentId: 'a' }, edge)).toEqual([]);
    expect(attachmentLinks({ result: { agentId: 'a' } }, edge)).toEqual([]);
  });
});
