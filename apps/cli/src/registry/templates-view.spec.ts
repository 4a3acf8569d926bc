import { describe, expect, it } from '@jest/globals';
import { onlyNamed, renderTemplates } from './templates-view.js';

const poet = {
  ...{ name: 'poet', description: 'Writes poems.', version: '0123456789ab' },
  ...{ model: 'x:y', tools: ['files__read'], limits: { depth: 1, tokens: 9 }, file: '/t/poet.md' },
  arguments: [
    { name: 'topic', required: true, description: 'About what.\u001b[2J' },
    { name: 'lines', required: false, default: '14', choices: ['14', '16'] },
  ],
  hasOutput: true,
};
const plain = {
  ...{ name: 'plain', description: '', version: 'ba9876543210', limits: {}, arguments: [] },
  hasOutput: false,
};
const finding = { file: '/t/poet.md', line: 3, next: 'Remove it.' };
const answer = {
  ...{ worker: 'w', templates: [poet, plain], more: 0 },
  refused: [{ name: 'bad', reason: 'it has no instructions' }],
  findings: [
    { ...finding, path: 'templates.poet.color', cause: 'odd', severity: 'warning' as const },
    { ...finding, path: 'templates.bad', cause: 'wrong', severity: 'refused' as const },
  ],
};

describe('the templates', () => {
  it('are shown in a line each, with what is left out and where', () => {
    expect(renderTemplates(answer, { isOne: false })).toEqual([
      'poet(topic, lines?)  0123456789ab  Writes poems.',
      'plain  ba9876543210',
      'bad  left out: it has no instructions',
      '/t/poet.md:3  templates.bad: wrong. Remove it.',
    ]);
    expect(renderTemplates({ ...answer, more: 2 }, { isOne: false })).toContain('… and 2 more');
  });

  it('are shown with all that is known of the one that is named', () => {
    expect(renderTemplates(onlyNamed(answer, 'poet'), { isOne: true })).toEqual([
      'poet  0123456789ab',
      '  Writes poems.',
      '  file: /t/poet.md',
      '  model: x:y',
      '  tools: files__read',
      '  limits: depth 1, tokens 9',
      '  answers with JSON of a schema',
      '  --arg topic=… (required)  About what. [2J',
      '  --arg lines=… (one of 14, 16; default "14")',
      '/t/poet.md:3  templates.poet.color: warning: odd. Remove it.',
    ]);
    expect(renderTemplates(onlyNamed(answer, 'plain'), { isOne: true })).toEqual([
      'plain  ba9876543210',
      '  file: the registry',
      '  model: that of the parent, else the default',
      '  tools: those of the parent',
    ]);
  });

  it('may be none', () => {
    expect(renderTemplates(onlyNamed(answer, 'gone'), { isOne: false })).toEqual(['no templates']);
  });
});
