import { describe, expect, it } from '@jest/globals';
import { silentLogger, WorldError } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { ServerEntry } from '../registry/registry.config.js';
import { aRegistry, aServer, aStdioServer } from '../testing/registries.js';
import { PuppetTools } from '../testing/puppets.js';
import { ToolBox } from './tool-box.js';

const never = new AbortController().signal;
const timeouts = { recovery: 'key', timeoutSeconds: 7 } as const;
const registry = aRegistry({
  servers: {
    tools: aServer({ recovery: 'retry', tools: { act: timeouts } }),
    away: aServer(),
  },
});

const clock = new ManualClock();

function box() {
  const tools = new PuppetTools('tools');
  tools.tools.push({ name: 'look', description: 'Looks.', inputSchema: { type: 'object' } });
  const away = new PuppetTools('away');
  away.list = () => Promise.reject(new WorldError('away: no connection', 'later'));
  const servers = new Map([tools, away].map((server) => [server.name, server]));
  return { tools, toolBox: new ToolBox(registry, servers, { clock, log: silentLogger }) };
}

describe('where a call goes', () => {
  const of = (fields: Partial<ServerEntry>) => {
    const servers = { tools: aServer(fields), own: aStdioServer('node', []) };
    return new ToolBox(aRegistry({ servers }), new Map(), { clock, log: silentLogger });
  };

  it('is host and port of its server, and nothing else of the URL', () => {
    const url = 'https://someone:secret@files.example/mcp?key=secret';
    expect(of({ url }).peerOf('tools__act')).toEqual({
      'network.transport': 'tcp',
      'server.address': 'files.example',
      'server.port': 443,
    });
  });

  it('is a pipe where its server is a process', () => {
    expect(of({}).peerOf('own__act')).toEqual({ 'network.transport': 'pipe' });
  });

  it.each(['gone__act', 'toString__act', 'spawn_agent'])('is not known of %s', (name) => {
    expect(of({}).peerOf(name)).toEqual({});
  });
});

describe('the tools for some grants', () => {
  it('are named after their server and recovered as the operator says', async () => {
    const { tools } = await box().toolBox.list(['tools__*']);
    expect(tools.map(({ tool, recovery }) => [tool.name, recovery])).toEqual([
      ['tools__act', 'key'],
      ['tools__look', 'retry'],
    ]);
  });

  it('are asked for once per server', async () => {
    const { tools } = await box().toolBox.list(['tools__act', 'tools__look']);
    expect(tools).toHaveLength(2);
  });

  it('lack those of a server that is away, and of one that is not known, and it is said why', async () => {
    const { tools, leftOut } = await box().toolBox.list(['away__*', 'tools__*', 'other__a']);
    expect(tools).toHaveLength(2);
    expect(leftOut).toEqual([
      { tool: 'away__*', reason: 'away: no connection' },
      { tool: 'other__a', reason: 'there is no such tool server' },
    ]);
  });

  it('lack a tool that its server does not offer, and it is said why', async () => {
    const { toolBox, tools } = box();
    const leftOut = [{ tool: 'odd', reason: 'its inputSchema is no object' }];
    tools.list = () => Promise.resolve({ tools: tools.tools, leftOut });
    expect((await toolBox.list(['tools__act', 'tools__odd', 'tools__typo'])).leftOut).toEqual([
      { tool: 'tools__odd', reason: 'its inputSchema is no object' },
      { tool: 'tools__typo', reason: 'the server has no such tool' },
    ]);
    expect((await toolBox.list(['tools__*'])).leftOut).toHaveLength(1);
    expect((await toolBox.list(['tools__act'])).leftOut).toEqual([]);
  });
});

describe('what reads of a server and is no tool of its own', () => {
  it('is repeated, whatever the policy of its server', async () => {
    const { toolBox, tools } = box();
    const reads = new Set(['act']);
    tools.list = () => Promise.resolve({ tools: tools.tools, leftOut: [], reads });
    expect((await toolBox.list(['tools__*'])).tools[0]).toMatchObject({ recovery: 'retry' });
    tools.list = () => Promise.resolve({ tools: tools.tools, leftOut: [] });
    expect((await toolBox.list(['tools__*'])).tools[0]).toMatchObject({ recovery: 'key' });
  });
});

describe('a grant at the spawn', () => {
  it('is absent when its server surely has no such tool', async () => {
    const { toolBox } = box();
    expect(await toolBox.absent(['tools__act', 'tools__typo', 'tools__*'])).toEqual([
      { tool: 'tools__typo', reason: 'the server has no such tool' },
    ]);
  });

  it('has the benefit of the doubt while its server is away, or does not answer soon', async () => {
    const { toolBox, tools } = box();
    expect(await toolBox.absent(['away__typo'])).toEqual([]);
    tools.list = () => new Promise(() => undefined);
    const asked = toolBox.absent(['tools__typo']);
    await clock.advance(1_000);
    expect(await asked).toEqual([]);
  });
});

describe('a server of some tenants', () => {
  const [acme, globex] = [{ tenant: 'acme' }, { tenant: 'globex' }];

  function boxFor(tenants: readonly string[]) {
    const tools = new PuppetTools('tools');
    const means = { clock, log: silentLogger };
    const servers = new Map([['tools', tools]]);
    const listed = aRegistry({ servers: { tools: aServer({ tenants: [...tenants] }) } });
    const source = { current: listed };
    return { tools, source, toolBox: new ToolBox(source, servers, means) };
  }

  it('offers nothing to others, as one that is not there', async () => {
    const { toolBox, tools } = boxFor(['acme']);
    expect((await toolBox.list(['tools__*'], acme)).tools).toHaveLength(1);
    expect(await toolBox.list(['tools__*', 'gone__*'], globex)).toEqual({
      tools: [],
      said: {},
      leftOut: [
        { tool: 'tools__*', reason: 'there is no such tool server' },
        { tool: 'gone__*', reason: 'there is no such tool server' },
      ],
    });
    const called = toolBox.call('tools__act', { arguments: {}, user: globex }, never);
    await expect(called).rejects.toMatchObject({ retry: 'later' });
    expect(tools.count).toBe(0);
  });

  it('that was taken from one has another version for its agents, which look again', () => {
    const { toolBox, tools, source } = boxFor(['acme']);
    tools.version = 3;
    const before = toolBox.versionOf(['tools__*'], acme);
    source.current = boxFor([]).source.current;
    expect(toolBox.versionOf(['tools__*'], acme)).not.toBe(before);
  });

  it('is seen by operators', async () => {
    const { servers } = await boxFor(['acme']).toolBox.view('tools');
    expect(servers).toMatchObject([{ name: 'tools', tenants: ['acme'] }]);
  });
});

describe('a call', () => {
  it('reaches the server under the tool’s own name and time limit', async () => {
    const { toolBox, tools } = box();
    const called = toolBox.call('tools__act', { arguments: { a: 1 } }, never);
    const { request, answer } = await tools.next();
    expect(request).toEqual({
      tool: 'act',
      arguments: { a: 1 },
      timeoutMs: 7_000,
      mostMs: 600_000,
    });
    answer({ content: 'done', isError: false });
    expect(await called).toEqual({ content: 'done', isError: false });
  });

  it('to a server that is not known surely did not happen', async () => {
    const called = box().toolBox.call('other__act', { arguments: {} }, never);
    await expect(called).rejects.toMatchObject({ retry: 'later' });
  });
});
