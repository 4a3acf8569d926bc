import { describe, expect, it } from '@jest/globals';
import { isRefused } from '@skynet/kernel';
import type { TemplateArgument } from '../registry/templates/template-entry.js';
import { fillTemplate, strayArguments } from './template-arguments.js';

const declared: TemplateArgument[] = [
  { name: 'topic', required: true },
  { name: 'level', default: 'low', choices: ['low', 'high'] },
  { name: 'note' },
];
const poet = {
  instructions: 'Write about {{topic}}, {{ level }}.{{note}} {{other}} {{topic}}',
  model: {},
  limits: {},
  arguments: declared,
};

const fill = (given: Record<string, string> | undefined, template = poet) =>
  fillTemplate('poet', template, given);

function filled(given: Record<string, string>, template = poet): string {
  const answer = fill(given, template);
  if (isRefused(answer)) throw new Error(answer.refused.message);
  return answer.instructions;
}

describe('the arguments of a spawn', () => {
  it('stand in their places, with defaults for those that are left out', () => {
    expect(filled({ topic: 'stars' })).toBe('Write about stars, low. {{other}} stars');
    expect(filled({ topic: 'stars', level: 'high', note: ' Well.' })).toBe(
      'Write about stars, high. Well. {{other}} stars',
    );
  });

  it('stand in the task of the template too', () => {
    const template = { ...poet, task: 'About {{topic}}:' };
    expect(fill({ topic: 'stars' }, template)).toMatchObject({ task: 'About stars:' });
  });

  it.each(['{{level}}', '$&', '$1', '{{topic}}', '{', '}} {{'])(
    'are never looked at again: %j',
    (topic) => expect(filled({ topic })).toBe(`Write about ${topic}, low. {{other}} ${topic}`),
  );

  it('lose half characters, and count as left out when they are empty', () => {
    expect(filled({ topic: '\uD800x', level: '' })).toContain('about \uFFFDx, low');
  });

  const long = 'x'.repeat(8 * 1_024);
  const many = Array.from({ length: 9 }, (_, index) => ({ name: `a${index}` }));
  const wrong: [
    cause: string,
    given: Record<string, string> | undefined,
    template?: typeof poet,
  ][] = [
    ['topic is missing', undefined],
    ['topic is missing', { topic: '' }],
    ['toString is not known', { topic: 'x', toString: 'y' }],
    ['level is none of its choices', { topic: 'x', level: 'middle' }],
    ['topic has more than 8192 bytes', { topic: `${long}x` }],
    ['topic has more than 8192 bytes', { topic: 'é'.repeat(4_097) }],
    [
      'together they have more than 65536 bytes',
      Object.fromEntries(many.map(({ name }) => [name, long])),
      { ...poet, arguments: many },
    ],
    [
      'more than 1048576 bytes',
      { topic: long },
      { ...poet, instructions: '{{topic}}'.repeat(129) },
    ],
  ];

  it.each(wrong)('are refused, with those that are known: %s', (cause, given, template = poet) => {
    const answer = fill(given, template);
    if (!isRefused(answer)) throw new Error('not refused');
    expect(answer.refused).toMatchObject({ code: 'INVALID_ARGUMENTS' });
    expect(answer.refused.message).toContain(cause);
    expect(answer.refused.message).toContain(
      template === poet
        ? 'The template poet takes topic (required), level (one of low, high), note.'
        : 'The template poet takes',
    );
    expect(answer.refused.message.length).toBeLessThan(3_000);
  });

  it('are refused all at once', () => {
    const answer = fill({ level: 'middle', more: 'x' });
    expect(answer).toMatchObject({
      refused: {
        message: expect.stringContaining(
          'arguments: more is not known; topic is missing; level is none of its choices.',
        ),
      },
    });
  });

  it('are refused where a template takes none, and where there is no template', () => {
    const plain = { instructions: 'Be plain. {{x}}', model: {}, limits: {} };
    expect(fillTemplate('plain', plain)).toEqual({ instructions: 'Be plain. {{x}}' });
    expect(fillTemplate('plain', plain, { x: '1' })).toMatchObject({
      refused: { message: expect.stringContaining('The template plain takes no arguments.') },
    });
    expect(strayArguments({})).toBeUndefined();
    expect(strayArguments({ x: '1' })).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
  });
});
