import { describe, expect, it } from '@jest/globals';
import { faultOfHeaders } from './header-parameters.js';

const text = (name: unknown) => ({ type: 'string', 'x-mcp-header': name });
const withProperties = (properties: object) => ({ type: 'object', properties });

describe('headers of arguments', () => {
  it.each([
    [{}],
    [withProperties({ region: text('Region'), count: { ...text('Count'), type: 'integer' } })],
    [withProperties({ inside: withProperties({ on: { ...text('On'), type: 'boolean' } }) })],
    [withProperties({ 'x-mcp-header': { type: 'string' } })],
    [withProperties({ a: { type: 'object', default: { 'x-mcp-header': '' }, enum: [text('')] } })],
  ])('are taken: %j', (schema) => {
    expect(faultOfHeaders(schema)).toBeUndefined();
  });

  it.each([
    [withProperties({ a: text('') }), 'no name of a header'],
    [withProperties({ a: text(7) }), 'no name of a header'],
    [withProperties({ a: text('My Region') }), 'no name of a header'],
    [withProperties({ a: text('a:b') }), 'no name of a header'],
    [withProperties({ a: text('Région') }), 'no name of a header'],
    [withProperties({ a: text('a\r\nb') }), 'no name of a header'],
    [withProperties({ a: { ...text('A'), type: 'number' } }), 'something else'],
    [withProperties({ a: { ...text('A'), type: 'object' } }), 'something else'],
    [withProperties({ a: { 'x-mcp-header': 'A' } }), 'something else'],
    [withProperties({ a: text('Same'), b: text('same') }), 'the same'],
    [text('A'), 'where no argument has to be'],
    [withProperties({ a: { type: 'array', items: text('A') } }), 'where no argument has to be'],
    [{ anyOf: [withProperties({ a: text('A') })] }, 'where no argument has to be'],
    [{ $defs: { a: text('A') } }, 'where no argument has to be'],
  ])('are refused: %j', (schema, fault) => {
    expect(faultOfHeaders(schema)).toContain(fault);
  });
});
