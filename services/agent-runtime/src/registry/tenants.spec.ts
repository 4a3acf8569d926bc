import { describe, expect, it } from '@jest/globals';
import { aRegistry, aServer } from '../testing/registries.js';
import { allowLists, visibleTo } from './tenants.js';

const template = (fields: object) => ({
  instructions: 'x',
  model: {},
  tools: [],
  limits: {},
  ...fields,
});

describe('what is not for all tenants', () => {
  it('is what names some, in all sections, also when it is left out for something else', () => {
    const raw = {
      mcpServers: { a: { tenants: ['acme'] }, b: { tenants: ['acme'] } },
      servers: { b: { tenants: ['globex'] }, c: {} },
      models: { 'x:y': { tenants: [], price: 'wrong' } },
    };
    expect(allowLists(raw)).toEqual({
      'servers.a': ['acme'],
      'servers.b': ['globex'],
      'models.x:y': [],
    });
  });

  it('is a template for those only who may use all that it names', () => {
    const lists = allowLists({
      servers: { a: { tenants: ['acme', 'globex'] }, b: { tenants: ['globex', 'initech'] }, c: {} },
      models: { 'x:y': { tenants: ['acme'] } },
      templates: {
        both: { tools: ['a__*', 'b__*', 'c__*'] },
        model: { tools: ['a__*'], model: { id: 'x:y' } },
        none: { tools: ['b__*'], model: { id: 'x:y' } },
        open: { tools: ['c__*', 'gone__*'] },
      },
    });
    expect(lists).toMatchObject({
      'templates.both': ['globex'],
      'templates.model': ['acme'],
      'templates.none': [],
    });
    expect(lists).not.toHaveProperty(['templates.open']);
  });

  it.each(['acme', [1], {}, null, [['acme']]])('is for nobody with the list %j', (tenants) => {
    expect(allowLists({ servers: { a: { tenants } } })).toEqual({ 'servers.a': [] });
  });

  it.each([
    { servers: [] },
    { servers: null, templates: 'x' },
    { templates: { a: { tools: [1] } } },
  ])('is nothing in a file without it: %j', (raw) => expect(allowLists(raw)).toEqual({}));
});

describe('the registry as a tenant sees it', () => {
  it('has nothing of what is not the tenant’s, not even why it is left out', () => {
    const registry = aRegistry({
      servers: { a: aServer({ tenants: ['acme'] }), c: aServer() },
      models: { 'x:y': { tenants: ['acme'] } },
      templates: { of_acme: template({ tools: ['a__*'] }), plain: template({}) },
      refused: { 'servers.b': 'it is wrong' },
    });
    const tenants = { ...registry.tenants, 'servers.b': ['acme'] };
    const other = visibleTo({ ...registry, tenants }, 'globex');
    expect(Object.keys(other.servers)).toEqual(['c']);
    expect([other.models, Object.keys(other.templates), other.refused]).toEqual([
      {},
      ['plain'],
      {},
    ]);
    const own = visibleTo({ ...registry, tenants }, 'acme');
    expect([own.servers, own.models, own.templates, own.refused]).toEqual([
      registry.servers,
      registry.models,
      registry.templates,
      registry.refused,
    ]);
  });
});
