import { describe, expect, it } from '@jest/globals';
import { readToolResult } from './tool-content.js';

const text = (said: string) => ({ type: 'text', text: said });
const content = (raw: unknown) => readToolResult(raw).content;

describe('what a model reads of a result', () => {
  it('is its texts, and of anything else what it is', () => {
    const said = content({
      content: [
        text('a map'),
        { type: 'image', mimeType: 'image/png', data: 'abcd' },
        { type: 'resource_link', uri: 'file:///map', name: 'map', description: 'of here', size: 7 },
        { type: 'resource', resource: { uri: 'file:///legend', text: 'the legend' } },
        { type: 'resource', resource: { uri: 'file:///blob', blob: 'abcd' } },
        { type: 'video', url: 'x' },
        'bare',
      ],
    });
    expect(said.split('\n')).toEqual([
      'a map',
      '[image image/png, 4 base64 characters, left out: neither png, jpeg, gif nor webp; kept as a file]',
      '[resource file:///map, map, of here, 7 bytes]',
      'the legend',
      '[resource file:///blob, 4 base64 characters]',
      '[a block of the type video, which can not be shown]',
      'bare',
    ]);
  });

  it('has the structured content where the texts do not', () => {
    const rows = { rows: [1, 2] };
    expect(content({ content: [], structuredContent: rows })).toBe('{"rows":[1,2]}');
    expect(content({ content: [text('2 rows')], structuredContent: rows })).toBe(
      '2 rows\n{"rows":[1,2]}',
    );
    const told = text('{ "rows": [1, 2] }');
    expect(content({ content: [told], structuredContent: rows })).toBe(told.text);
  });

  it.each([
    ['hello\n', { content: 'hello\n' }],
    ['{ "name": "x" }', { content: '{ "name": "x" }' }],
    ['[1, 2]', { result: [1, 2] }],
  ])('has the text alone when the structured content only wraps it: %j', (said, wrapped) => {
    expect(content({ content: [text(said)], structuredContent: wrapped })).toBe(said);
  });

  it.each([
    ['no content at all', {}, ''],
    [
      'structured content that is null',
      { content: [text('done')], structuredContent: null },
      'done',
    ],
    ['content that is one text', { content: 'done' }, 'done'],
    ['a text that is none', { content: [{ type: 'text', text: 7 }] }, '7'],
    ['nothing', null, ''],
    ['a bare text', 'done', 'done'],
    ['the form of 2024', { toolResult: { n: 1 } }, '{"n":1}'],
    ['half a character', { content: [text('half \ud83d here')] }, 'half \ufffd here'],
  ])('is there for an answer with %s', (_, raw, said) => {
    expect(readToolResult(raw)).toEqual({ content: said, isError: false });
  });

  it('is never without a word when the tool failed', () => {
    const result = readToolResult({ isError: true, content: [text(' ')] });
    expect(result).toEqual({ content: 'The tool failed and says no more.', isError: true });
  });

  it('says of what is nested too deep that it is', () => {
    const deep = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as unknown;
    expect(content({ content: [], structuredContent: deep })).toBe('[a value nested too deep]');
  });
});

describe('an answer that stands for a later one', () => {
  it.each([
    { resultType: 'input_required', inputRequests: { a: { params: { message: 'which name?' } } } },
    { resultType: 'task', taskId: '1' },
    { task: { taskId: '1', status: 'working' } },
  ])('means that the call is not done: %j', (raw) => {
    const result = readToolResult(raw);
    expect(result.isError).toBe(true);
    expect(result.content).toContain('NOT_DONE');
  });

  it('tells what was asked for', () => {
    const asked = { name: { method: 'elicitation/create', params: { message: 'which name?' } } };
    const raw = { resultType: 'input_required', inputRequests: asked };
    expect(readToolResult(raw).asks).toEqual({
      requests: [{ key: 'name', question: 'which name?', fields: [] }],
    });
  });

  const form = (properties: object) => ({
    method: 'elicitation/create',
    params: { message: 'which name?', requestedSchema: { type: 'object', properties } },
  });
  const many = (count: number, value: object) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, value]));

  it.each([
    [
      'other questions than to people',
      { a: { method: 'sampling/createMessage' } },
      'it asks for sampling/createMessage',
    ],
    [
      'a form of a thousand fields',
      { a: form(many(1_000, { type: 'string' })) },
      'more than 20 fields',
    ],
    [
      'a field within a field',
      { a: form({ at: { type: 'object', properties: {} } }) },
      'the field at of its question',
    ],
    [
      'a choice of a thousand',
      { a: form({ at: { type: 'string', enum: Array(1_000).fill('x') } }) },
      'choices of the field at',
    ],
    ['a hundred questions', many(100, form({})), 'more than 10 questions'],
    ['no questions at all', {}, 'it names nothing that it needs'],
    ['what is no object', 7, 'its inputRequests are no object'],
    [
      'a page that is none',
      { a: { method: 'elicitation/create', params: { mode: 'url', url: 'file:///etc/passwd' } } },
      'no usable address',
    ],
  ])('says what can not be asked: %s', (_, inputRequests, reason) => {
    const {
      content: told,
      isError,
      asks,
    } = readToolResult({ resultType: 'input_required', inputRequests });
    expect(asks).toBeUndefined();
    expect(isError).toBe(true);
    expect(told).toContain(reason);
    expect(told.length).toBeLessThan(400_000);
  });

  it('asks for a text of any length, cut, and takes no state of a megabyte', () => {
    const params = { message: 'x'.repeat(1_000_000) };
    const inputRequests = { a: { method: 'elicitation/create', params } };
    const asked = { resultType: 'input_required', inputRequests };
    expect(readToolResult(asked).asks?.requests[0]?.question).toHaveLength(2_000);
    const withState = { ...asked, requestState: 'x'.repeat(1_000_000) };
    expect(content(withState)).toContain('its requestState is no text');
  });
});
