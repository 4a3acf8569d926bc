import { describe, expect, it } from '@jest/globals';
import { textOf } from './tool-content.js';

describe('what a model reads of a result', () => {
  it('is its texts, and of anything else what it is', () => {
    const text = textOf({
      content: [
        { type: 'text', text: 'a map' },
        { type: 'image', mimeType: 'image/png', data: 'abcd' },
        { type: 'resource_link', uri: 'file:///map', name: 'map' },
        { type: 'resource', resource: { uri: 'file:///legend', text: 'the legend' } },
        { type: 'resource', resource: { uri: 'file:///blob', blob: 'abcd' } },
      ],
    });
    expect(text.split('\n')).toEqual([
      'a map',
      '[image image/png, 4 base64 characters]',
      '[resource file:///map]',
      'the legend',
      '[resource file:///blob]',
    ]);
  });

  it('is the structured content where there is nothing else', () => {
    expect(textOf({ content: [], structuredContent: { stars: 7 } })).toBe('{"stars":7}');
    const both = { content: [{ type: 'text' as const, text: 'seven' }], structuredContent: {} };
    expect(textOf(both)).toBe('seven');
  });
});
