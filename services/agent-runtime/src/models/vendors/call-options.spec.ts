import { expect, it } from '@jest/globals';
import { WireTools } from '../wire/wire-tools.js';
import { callOptions } from './call-options.js';
import { vendors } from './vendor-table.js';

it.each(Object.values(vendors))('the images of a task go to $prefix behind its text', (vendor) => {
  const images = [{ mimeType: 'image/png', data: 'abcd' }] as const;
  const request = {
    messages: [{ role: 'user', text: 'what is it?', images }],
    tools: [],
    maxTokens: 100,
    price: { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 },
  } as const;
  const to = { vendor, vendorModel: `${vendor.prefix}:any`, tools: new WireTools({ tools: [] }) };
  expect(callOptions(request, to).prompt).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'what is it?' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'abcd' } },
      ],
    },
  ]);
});
