import { describe, expect, it } from '@jest/globals';
import { withAttachments } from './attachments-of-row.js';

const attachment = (number: number) => ({
  content: { sha256: String(number).padStart(64, '0'), bytes: number },
  mediaType: 'text/plain',
});

describe('the attachments of a row', () => {
  it('are those of its events, each once', () => {
    const first = withAttachments({}, [attachment(1)]);
    const named = { ...attachment(1), name: 'a.txt' };
    expect(withAttachments(first, [attachment(2), named]).attachments).toEqual([
      { id: attachment(1).content.sha256, mediaType: 'text/plain', bytes: 1, name: 'a.txt' },
      { id: attachment(2).content.sha256, mediaType: 'text/plain', bytes: 2 },
    ]);
    expect(withAttachments(first)).toEqual({});
  });

  it('are the newest of many', () => {
    const many = Array.from({ length: 60 }, (_, index) => attachment(index));
    const { attachments = [] } = withAttachments({}, many);
    expect(attachments.map(({ bytes }) => bytes)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 10),
    );
  });
});
