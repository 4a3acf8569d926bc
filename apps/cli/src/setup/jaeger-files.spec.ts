import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentPage, writeJaegerFiles } from './jaeger-files.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Pattern {
  readonly type: string;
  readonly key: string;
  readonly url: string;
  readonly text: string;
}

/** As Jaeger puts it into its page. */
async function shown(kept: object, page?: string): Promise<Pattern[]> {
  await writeJaegerFiles(folder, page);
  const text = await readFile(join(folder, 'jaeger', 'ui.js'), 'utf8');
  expect(text).toMatch(/function\s+UIConfig(\s)?\(\s?\)(\s)?{/);
  const config: unknown = runInNewContext(`${text}; UIConfig()`, kept);
  return (config as { linkPatterns: Pattern[] }).linkPatterns;
}

const written = (page?: string) => shown({ localStorage: {} }, page);

/** As Jaeger's pages fill a pattern in. */
const filled = ({ url }: Pattern, id: string) =>
  url.replace(/#\{([^{}]*)\}/g, (_, name) => `${encodeURIComponent(id)}<${name}>`);

describe('the id of an agent in Jaeger', () => {
  it('leads to the page that the operator names', async () => {
    const patterns = await written('https://console.example/agents/{agentId}?tab=1');
    const [own] = patterns;
    expect(own).toMatchObject({ type: 'tags', key: 'gen_ai.agent.id' });
    expect(own && filled(own, 'a b')).toBe(
      'https://console.example/agents/a%20b<gen_ai.agent.id>?tab=1',
    );
    expect(patterns.map(({ key }) => key)).toEqual([
      'gen_ai.agent.id',
      'skynet.agent.parent_id',
      'skynet.agent.root_id',
    ]);
  });

  it('else leads to what clients did to the agent, for no other page is there', async () => {
    const [own] = await written();
    const { pathname, searchParams } = new URL(own?.url ?? '', 'http://jaeger');
    expect(pathname).toBe('/search');
    expect(searchParams.get('service')).toBe('mcp-edge');
    expect(own?.url).toContain('#{gen_ai.agent.id}');
    const tags = (own ? filled(own, 'x') : '').split('tags=')[1]?.split('&')[0] ?? '';
    expect(JSON.parse(decodeURIComponent(tags))).toEqual({
      'gen_ai.agent.id': 'x<gen_ai.agent.id>',
    });
  });

  it('follows the setting when that changes', async () => {
    await written('https://one.example/{agentId}');
    const [own] = await written('https://other.example/{agentId}');
    expect(own?.url).toBe('https://other.example/#{gen_ai.agent.id}');
  });
});

describe('the configuration of Jaeger', () => {
  it('keeps traces on disk for a week, unless told otherwise, and shows the pages with our links', async () => {
    await writeJaegerFiles(folder);
    const config = await readFile(join(folder, 'jaeger', 'config.yaml'), 'utf8');
    expect(config).toMatch(/ttl: \{ spans: '\$\{env:JAEGER_KEEP:-168h\}' \}/);
    expect(config).toMatch(/config_file: '\$\{env:JAEGER_FOLDER:-\/setup\}\/ui.js'/);
  });
});

describe('the names of spans in Jaeger', () => {
  it('have room, unless a person has chosen another width', async () => {
    const [fresh, chosen] = [
      { localStorage: {} },
      { localStorage: { spanNameColumnWidth: '0.3' } },
    ];
    for (const kept of [fresh, chosen]) await shown(kept);
    expect([fresh, chosen]).toEqual(
      [
        { localStorage: { spanNameColumnWidth: '0.4' } },
        { localStorage: { spanNameColumnWidth: '0.3' } },
      ].map((kept) => expect.objectContaining(kept)),
    );
  });

  it('stay as they are in a browser that keeps nothing', async () => {
    expect(await shown({})).toHaveLength(3);
  });
});

describe('the page of an agent on the command line', () => {
  it.each(['https://x.example/', 'javascript:{agentId}', 'nowhere/{agentId}', ''])(
    'is refused where it is none: %j',
    (text) => {
      expect(() => agentPage(text)).toThrow('{agentId}');
    },
  );

  it('is taken as it is', () => {
    expect(agentPage('http://x/{agentId}')).toBe('http://x/{agentId}');
  });
});
