import { describe, expect, it } from '@jest/globals';
import type { SpawnedAgent } from '@skynet/domain-agents';
import { agentSpawned, aSpec, someLimits } from '@skynet/testing';
import type { TemplateEntry } from '../registry/templates/template-entry.js';
import { aRegistry, aServer } from '../testing/registries.js';
import { ownTools } from './granted-tools.js';

const template = (fields: Partial<TemplateEntry> = {}) => ({
  ...{ instructions: 'x', model: {}, limits: {} },
  ...fields,
});

function agentWith(tools: string[], limits = someLimits()): SpawnedAgent {
  return { spawned: agentSpawned({ spec: aSpec({ tools }), limits }).data } as SpawnedAgent;
}

function descriptionFor(agent: SpawnedAgent, templates: Record<string, TemplateEntry>): string {
  const registry = aRegistry({ servers: { files: aServer() }, templates });
  return ownTools(agent, registry)[0]?.description ?? '';
}

describe('the tool that spawns agents', () => {
  const own = descriptionFor(agentWith([]), {});

  it('names the templates by name, with their arguments, a line each', () => {
    const told = descriptionFor(agentWith([]), {
      writer: template({ description: 'Writes.\nAt length.' }),
      poet: template({
        description: 'Writes poems.',
        arguments: [{ name: 'topic', required: true }, { name: 'lines' }],
      }),
    });
    expect(told.slice(own.length).split('\n')).toEqual([
      '',
      'Templates, with their arguments (? may be left out):',
      'poet(topic, lines?): Writes poems.',
      'writer: Writes.',
    ]);
  });

  it('is one and the same for all who may name the same, so that it is weighed once', () => {
    const registry = aRegistry({ templates: { poet: template() } });
    const [one, other] = [agentWith([]), agentWith([])].map((agent) => ownTools(agent, registry));
    expect(one?.[0]).toBe(other?.[0]);
  });

  it('names none whose tools the agent can not hand on', () => {
    const templates = {
      one: template({ tools: ['files__read'] }),
      other: template({ tools: ['files__write'] }),
    };
    expect(descriptionFor(agentWith(['files__read']), templates)).toMatch(/\none: $/);
    expect(descriptionFor(agentWith(['files__*']), templates)).toMatch(/\none: \nother: $/);
    expect(descriptionFor(agentWith([]), templates)).toBe(own);
  });

  it('is not longer for them than 2 KiB', () => {
    const each = template({ description: 'é'.repeat(150) });
    const names = Array.from({ length: 50 }, (_, index) => [`t${index}`, each] as const);
    const told = descriptionFor(agentWith([]), Object.fromEntries(names)).slice(own.length);
    expect(Buffer.byteLength(told)).toBeLessThanOrEqual(2_048);
    expect(told).toContain('\nt0: ');
  });

  it('is not there for an agent that may have nobody below it', () => {
    const agent = agentWith([], { ...someLimits(), depth: 0 });
    expect(descriptionFor(agent, { poet: template() })).not.toContain('poet');
  });
});
