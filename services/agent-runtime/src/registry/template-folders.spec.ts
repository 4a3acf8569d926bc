import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadRegistry } from './registry-file.js';
import type { TemplateFolders } from './template-folders.js';
import { visibleTo } from './tenants.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-templates-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function load(registry: object, templateFolders: TemplateFolders = {}) {
  write('registry.json', JSON.stringify(registry, undefined, 2));
  return loadRegistry(join(folder, 'registry.json'), { environment: {}, templateFolders });
}

const instructions = ({ templates }: ReturnType<typeof load>) =>
  Object.fromEntries(Object.entries(templates).map(([name, each]) => [name, each.instructions]));

describe('templates of a folder', () => {
  it('are those beside the registry, in folders that it names, and in others', () => {
    write('templates/one.md', 'One.');
    write('more/two.md', 'Two.');
    write('own/three.md', 'Three.');
    write('shipped/four.md', 'Four.');
    const others = { own: [join(folder, 'own')], shipped: join(folder, 'shipped') };
    const registry = load({ templateFolders: ['more'] }, others);
    expect(registry.findings).toEqual([]);
    expect(instructions(registry)).toEqual({
      one: 'One.',
      two: 'Two.',
      three: 'Three.',
      four: 'Four.',
    });
    expect(registry.templateFiles).toMatchObject({ one: join(folder, 'templates/one.md') });
  });

  it('are no hidden files, no README, nothing that a template of the registry names', () => {
    for (const name of ['.hidden.md', 'README.md', 'poet.md', 'poem.txt', 'sub.md/x']) {
      write(`templates/${name}`, 'Not this.');
    }
    const registry = load({ templates: { own: { instructions: './templates/poet.md' } } });
    expect(instructions(registry)).toEqual({ own: 'Not this.' });
  });

  it('give way to those of the registry, also to one that is wrong, and that is said', () => {
    write('templates/right.md', 'Not this.');
    write('templates/wrong.md', '---\ndescription: x\n---\nNot this.');
    const registry = load({ templates: { right: { instructions: 'This.' }, wrong: {} } });
    expect(instructions(registry)).toEqual({ right: 'This.' });
    expect(Object.keys(registry.refused)).toEqual(['templates.wrong']);
    const told = registry.findings.filter(({ severity }) => severity === 'warning');
    expect(told.map(({ file, path, cause }) => [file, path, cause])).toEqual([
      [
        join(folder, 'templates/right.md'),
        'templates.right',
        expect.stringContaining('the registry'),
      ],
      [
        join(folder, 'templates/wrong.md'),
        'templates.wrong',
        expect.stringContaining('the registry'),
      ],
    ]);
  });

  it('count in the order of the folders, and those that are shipped give way in silence', () => {
    write('templates/one.md', 'One.');
    write('more/one.md', 'Not this.');
    write('shipped/one.md', 'Nor this.');
    const shipped = join(folder, 'shipped');
    const registry = load({ templateFolders: 'more' }, { shipped });
    expect(instructions(registry)).toEqual({ one: 'One.' });
    expect(registry.findings).toMatchObject([{ file: join(folder, 'more/one.md') }]);
  });

  it('that are wrong are left out alone, and said with file and line', () => {
    write('templates/good.md', 'Be good.');
    write('templates/bad.md', '---\ndescription: x\nlimits: 1\n---\nBe bad.');
    write('templates/worse.md', '---\nBe worse.');
    const registry = load({});
    expect(instructions(registry)).toEqual({ good: 'Be good.' });
    expect(registry.refused).toMatchObject({
      'templates.bad': expect.stringContaining('limits: '),
      'templates.worse': expect.stringContaining('no end'),
    });
    expect(registry.findings).toMatchObject([
      { file: join(folder, 'templates/bad.md'), line: 3, path: 'templates.bad.limits' },
      { file: join(folder, 'templates/worse.md'), line: 1, path: 'templates.worse' },
    ]);
  });

  it('lose the grants that no server can fill, and nothing else', () => {
    write('templates/poet.md', '---\ntools:\n  - files__read\n  - gone__read\n---\nBe brief.');
    const registry = load({ servers: { files: { command: 'x' } } });
    expect(registry.templates['poet']?.tools).toEqual(['files__read']);
    expect(registry.findings).toMatchObject([
      { line: 4, path: 'templates.poet.tools[1]', severity: 'warning' },
    ]);
    expect(registry.findings[0]?.cause).toContain('there is no server gone');
  });

  it('are two hundred at most', () => {
    for (let each = 0; each <= 200; each += 1) write(`templates/t${each}.md`, 'Be brief.');
    const { templates, findings } = load({});
    expect(Object.keys(templates)).toHaveLength(200);
    expect(findings).toMatchObject([{ path: 'templates', severity: 'refused' }]);
  });
});

describe('a folder that is not there', () => {
  it('is said when somebody named it, and does no harm', () => {
    const own = [join(folder, 'own')];
    const registry = load({ templateFolders: ['more'] }, { own, shipped: join(folder, 'shipped') });
    expect(registry.findings.map(({ path, severity, cause }) => [path, severity, cause])).toEqual([
      ['templateFolders[0]', 'warning', `there is no folder ${join(folder, 'more')}`],
      ['templates', 'warning', `there is no folder ${own[0]}`],
    ]);
  });

  it.each([1, [''], {}])('is none that can be named: %j', (templateFolders) => {
    write('templates/one.md', 'One.');
    const registry = load({ templateFolders });
    expect(instructions(registry)).toEqual({ one: 'One.' });
    expect(registry.findings).toMatchObject([{ severity: 'refused' }]);
  });
});

describe('a template of a folder', () => {
  const seenBy = (tenant: string, registry: ReturnType<typeof load>) => {
    const { templates, refused } = visibleTo(registry, tenant);
    return [Object.keys(templates), Object.keys(refused)];
  };

  it('is for those only who may use all that it names, also when that is left out', () => {
    write('templates/own.md', '---\ntools: files__read\n---\nBe brief.');
    write('templates/wrong.md', '---\ntools: files__read\nlimits: 1\n---\nBe brief.');
    write('templates/model.md', '---\nmodel: scripted:own\n---\nBe brief.');
    write('templates/unread.md', '---\nname: unread');
    write('templates/plain.md', 'Be brief.');
    const registry = load({
      servers: { files: { tenants: ['acme'] } },
      models: { 'scripted:own': { tenants: ['acme'] } },
    });
    expect(seenBy('acme', registry)).toEqual([
      ['model', 'own', 'plain'],
      ['servers.files', 'templates.wrong'],
    ]);
    expect(seenBy('globex', registry)).toEqual([['plain'], []]);
  });

  it('that can not be read is told to all where all is for all', () => {
    write('templates/unread.md', '---\nname: unread');
    expect(seenBy('acme', load({}))).toEqual([[], ['templates.unread']]);
  });
});
