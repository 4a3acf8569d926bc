import { describe, expect, it } from '@jest/globals';
import { shortened } from './short-tools.js';

const tool = (description: string, properties?: object) => ({
  name: 'files__read',
  description,
  inputSchema: { type: 'object', required: ['path'], ...(properties && { properties }) },
});

describe('tools for a small model', () => {
  it.each([
    ['Reads a file. It must be there.', 'Reads a file.'],
    ['Reads a file (e.g. a.txt) at once', 'Reads a file (e.g. a.txt) at once'],
    ['Reads a file\nand more', 'Reads a file'],
    ['Reads v1.2 files!', 'Reads v1.2 files!'],
    ['', ''],
    ['x'.repeat(500), `${'x'.repeat(159)}…`],
  ])('say in one sentence what they do: %j', (given, told) => {
    expect(shortened([tool(given)])[0]?.description).toBe(told);
  });

  it('keep what may be called, and the words of their server', () => {
    const properties = {
      path: { type: 'string', description: 'Where it lies. From the root.', maxLength: 9 },
      mode: { enum: ['a', 'b'] },
      odd: true,
    };
    const given = { ...tool('Reads.', properties), serverSays: 'Be kind. Always.' };
    expect(shortened([given])).toEqual([
      {
        ...given,
        inputSchema: {
          ...given.inputSchema,
          properties: {
            ...properties,
            path: { ...properties.path, description: 'Where it lies.' },
          },
        },
      },
    ]);
  });
});
