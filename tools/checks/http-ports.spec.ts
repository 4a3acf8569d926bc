import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const sources = globSync('{libs,services}/**/src/**/*.ts', {
  cwd: root,
  exclude: (name) =>
    ['node_modules', 'dist', 'testing'].includes(name) || name.endsWith('.spec.ts'),
}).map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
const MAKER = 'libs/platform/src/http/http-server.ts';

describe('an HTTP port of a service', () => {
  it('is made in one place, where its limits are', () => {
    const makers = sources.filter(({ text }) =>
      /import \{[^}]*\bcreateServer\b[^}]*\} from 'node:https?'/.test(text),
    );
    expect(makers.map(({ file }) => file)).toEqual([MAKER]);
  });

  it('is that one with Fastify too', () => {
    const users = sources.filter(({ text }) => text.includes('new FastifyAdapter('));
    expect(users).toHaveLength(4);
    for (const { text } of users) expect(text).toContain('httpServers(config.platform.http, log)');
  });
});
