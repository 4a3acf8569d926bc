import { describe, expect, it } from '@jest/globals';
import { allTemplatesAnswerSchema, subjects } from '@skynet/contracts';
import { hashOf, MemoryBroker, MemoryMessageBus } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { aRegistry } from '../testing/registries.js';
import { serveTemplateViews, templatesFor } from './template-views.js';

const topic = { name: 'topic', required: true, description: 'd'.repeat(300) };
const poet = {
  instructions: 'Write of {{topic}}, {{lines}}.',
  description: 'Writes poems.\nGood ones.',
  ...{ model: { id: 'x:y' }, tools: ['files__read'], limits: { depth: 1 } },
  arguments: [
    topic,
    { name: 'lines', required: true, default: '14', choices: ['14', '16'] },
    { name: 'many', choices: Array.from({ length: 60 }, () => 'x'.repeat(100)) },
  ],
  output: { type: 'object' },
};
const plain = { instructions: 'Be plain.', model: {}, limits: {} };
const finding = { file: 'f.md', line: 1, cause: 'c', next: 'n', severity: 'warning' as const };
const registry = aRegistry({
  templates: { poet, plain },
  templateFiles: { plain: '/t/plain.md' },
  tenants: { 'templates.poet': ['acme'] },
  refused: { 'templates.bad': 'it is bad', 'servers.x': 'it is bad too' },
  findings: [
    { ...finding, path: 'templates.bad' },
    { ...finding, path: 'servers.x' },
  ],
});

describe('the templates that a tenant may name', () => {
  it('are told by name, with long texts cut', () => {
    const { templates, more } = templatesFor(registry, 'acme');
    expect(more).toBe(0);
    expect(templates).toEqual([
      expect.objectContaining({ name: 'plain', description: '', arguments: [], hasOutput: false }),
      {
        ...{ name: 'poet', description: 'Writes poems.', model: 'x:y', tools: ['files__read'] },
        ...{ version: hashOf(poet).slice(0, 12), limits: { depth: 1 }, hasOutput: true },
        arguments: [
          { name: 'topic', required: true, description: `${'d'.repeat(200)}…` },
          { name: 'lines', required: false, default: '14', choices: ['14', '16'] },
          { name: 'many', required: false },
        ],
      },
    ]);
    expect(templates[0]).not.toHaveProperty('tools');
  });

  it('are none of another’s', () => {
    const { templates } = templatesFor(registry, 'globex');
    expect(templates.map(({ name }) => name)).toEqual(['plain']);
  });

  it('fit into one message', () => {
    const long = { ...poet, arguments: Array.from({ length: 32 }, () => topic) };
    const names = Array.from({ length: 200 }, (_, index) => [`t${index}`, long] as const);
    const answer = templatesFor(aRegistry({ templates: Object.fromEntries(names) }), 'acme');
    expect(JSON.stringify(answer).length).toBeLessThan(270_000);
    expect(answer.templates.length + answer.more).toBe(200);
    expect(answer.more).toBeGreaterThan(0);
  });
});

describe('an operator who asks what templates there are', () => {
  it('is told of all tenants, of files, and of what is left out', async () => {
    const bus = new MemoryMessageBus(new MemoryBroker(), new ManualClock());
    const stop = serveTemplateViews(bus, registry, 'worker-1');
    const answer = allTemplatesAnswerSchema.parse(await bus.request(subjects.templates, {}));
    expect(answer).toMatchObject({
      worker: 'worker-1',
      templates: [
        { name: 'plain', file: '/t/plain.md' },
        { name: 'poet', tenants: ['acme'] },
      ],
      refused: [{ name: 'bad', reason: 'it is bad' }],
      findings: [{ path: 'templates.bad' }],
    });
    stop();
  });
});
