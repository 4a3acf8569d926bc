import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readSources } from './architecture/source-tree.js';
import { findUnusedExports } from './exports/find-unused-exports.js';
import { house } from './house.js';

const root = resolve(import.meta.dirname, '../..');

describe('what is exported', () => {
  it('is used by somebody else', () => {
    const sources = readSources(root, house);
    const tools = globSync(['tools/**/*.ts', '*.config.mjs', 'examples/**/*.{ts,mjs}'], {
      cwd: root,
      exclude: (name) => name.includes('node_modules'),
    }).map((file) => ({ file, text: readFileSync(join(root, file), 'utf8'), isSpec: true }));
    const unused = findUnusedExports(sources, [...sources, ...tools]);
    expect(unused.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  });

  const file = (path: string, text: string) => ({
    file: path,
    text,
    isSpec: path.endsWith('.spec.ts'),
  });
  const unusedIn = (...files: ReturnType<typeof file>[]) =>
    findUnusedExports(files, files).map(({ name }) => name);

  it('is found where nobody names it', () => {
    const door = file('libs/kernel/src/index.ts', "export { a, type B } from './a.js';");
    const own = file('libs/kernel/src/a.ts', 'export const a = 1; export interface B {}');
    const within = file('libs/kernel/src/b.ts', "import { a } from './a.js'; a;");
    expect(unusedIn(door, own, within)).toEqual(['a', 'B']);
    const other = file('libs/contracts/src/c.ts', "import { a, type B } from '@skynet/kernel'; a;");
    expect(unusedIn(door, own, within, other)).toEqual([]);
  });

  it('may be asked for when it is needed', () => {
    const door = file('libs/platform/src/index.ts', "export { a, b } from './a.js';");
    const later = file('apps/cli/src/c.ts', "const { a } = await import('@skynet/platform'); a;");
    expect(unusedIn(door, later)).toEqual(['b']);
  });

  it('is no value of a file that this file alone uses', () => {
    const own = file('libs/kernel/src/a.ts', 'export function f() {} export class G {} f();');
    expect(unusedIn(own)).toEqual(['f', 'G']);
    const spec = file('libs/kernel/src/a.spec.ts', "import { f, G } from './a.js'; f(new G());");
    expect(unusedIn(own, spec)).toEqual([]);
  });
});
