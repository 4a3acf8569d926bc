import { describe, expect, it } from '@jest/globals';
import { readAskedInput, readElicitation } from './asked-input.js';

const params = (properties: object) => ({
  message: 'What?',
  requestedSchema: { type: 'object', properties },
});
const asked = (params: object, count = 1) =>
  readAskedInput({
    resultType: 'input_required',
    inputRequests: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `q${index}`,
        { method: 'elicitation/create', params },
      ]),
    ),
  });

describe('the defaults of a form', () => {
  const items = { type: 'string', enum: ['x', 'y'] };

  it('are kept up to the length of a choice', () => {
    const form = params({
      a: { type: 'string', default: 'x'.repeat(200) },
      b: { type: 'array', items, default: ['x', 'y'] },
    });
    expect(readElicitation('q', form)).toMatchObject({
      fields: [{ fallback: 'x'.repeat(200) }, { fallback: ['x', 'y'] }],
    });
  });

  it.each([
    ['longer texts', { type: 'string', default: 'x'.repeat(201) }],
    ['more texts', { type: 'array', items, default: Array.from({ length: 51 }, () => 'x') }],
  ])('are no %s', (_, field) => {
    const why = 'the default of the field a can not be shown';
    expect(readElicitation('q', params({ a: field }))).toBe(why);
    expect(asked(params({ a: field }))).toBe(why);
  });
});

describe('all that is asked at once', () => {
  const form = (fields: number) => {
    const choices = Array.from({ length: 50 }, (_, index) => String(index).padStart(200, 'x'));
    const names = Array.from({ length: fields }, (_, index) => `f${index}`);
    return params(
      Object.fromEntries(names.map((name) => [name, { type: 'string', enum: choices }])),
    );
  };
  const why = 'what it asks is larger than 128 KiB';

  it('is up to 128 KiB of JSON', () => {
    expect(asked(form(2), 5)).toMatchObject({ requests: { length: 5 } });
    expect(asked(form(2), 10)).toBe(why);
    expect(asked(form(20))).toBe(why);
    expect(readElicitation('q', form(20))).toBe(why);
  });
});
