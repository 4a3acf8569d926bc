import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findBrokenLinks, findMissingPaths, type Page } from './docs/find-broken-links.js';

const root = resolve(import.meta.dirname, '../..');
const exists = (path: string) => existsSync(join(root, path));
const pages: Page[] = globSync('{*.md,{docs,libs,services,apps,infra,tools}/**/*.md}', {
  cwd: root,
  exclude: (name) => ['node_modules', 'dist', 'fixtures'].includes(name),
}).map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
// Decisions speak of their time: what they name may be gone.
const lasting = pages.filter(({ file }) => !file.startsWith('docs/adr/'));

describe('the documentation of this tree', () => {
  it('was looked at', () => {
    expect(pages.map(({ file }) => file)).toContain('docs/dependencies.md');
  });

  it('has no link that leads nowhere', () => {
    expect(pages.flatMap((page) => findBrokenLinks(page, exists))).toEqual([]);
  });

  it('names no file that does not exist', () => {
    expect(lasting.flatMap((page) => findMissingPaths(page, exists))).toEqual([]);
  });
});

describe('a page', () => {
  const page = (text: string): Page => ({ file: 'docs/recipes/page.md', text });
  const only = (path: string) => (each: string) => each === path;

  it.each(['[a](other.md)', '[a](../other.md#part)', '[a](/other.md)', '![a](image.png "title")'])(
    'is refused for a link that leads nowhere: %s',
    (text) => {
      expect(findBrokenLinks(page(text), () => false)).toHaveLength(1);
    },
  );

  it('links from its own folder, and from the root with a slash', () => {
    expect(findBrokenLinks(page('[a](../flow.md#x)'), only('docs/flow.md'))).toEqual([]);
    expect(findBrokenLinks(page('[a](/docs/flow.md)'), only('docs/flow.md'))).toEqual([]);
  });

  it('may link to the web, into itself, and show a link as code', () => {
    const text = '[a](https://example.invalid/x) [b](#part)\n```\n[c](gone.md)\n```\n';
    expect(findBrokenLinks(page(text), () => false)).toEqual([]);
  });

  it('is refused for a path that does not exist, with or without a line', () => {
    const text = 'see `libs/kernel/src/gone.ts` and `services/gone/main.ts:12`, not `libs/<x>/y`';
    expect(findMissingPaths(page(text), () => false)).toEqual([
      'docs/recipes/page.md: libs/kernel/src/gone.ts',
      'docs/recipes/page.md: services/gone/main.ts',
    ]);
  });
});
