import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { aRegistry, aServer } from '../testing/registries.js';
import { PuppetTools } from '../testing/puppets.js';
import { ToolBox } from './tool-box.js';
import type { ToolServerState } from './tool-server.port.js';

class StatedTools extends PuppetTools {
  override state: ToolServerState = { kind: 'idle' };
  asked = 0;

  override list() {
    this.asked += 1;
    const list = { tools: this.tools, leftOut: [{ tool: 'odd', reason: 'it has no name' }] };
    this.state = { kind: 'ready', list };
    return Promise.resolve(list);
  }
}

function box() {
  const servers = [new StatedTools('files'), new StatedTools('web')];
  const registry = aRegistry({
    servers: {
      files: aServer({ recovery: 'fail', tools: { act: { recovery: 'retry' } } }),
      web: aServer(),
    },
    refused: { 'servers.mail': 'command: it is missing', 'models.x:y': 'it is wrong' },
  });
  const named = new Map(servers.map((server) => [server.name, server]));
  return {
    servers,
    toolBox: new ToolBox(registry, named, { clock: new ManualClock(), log: silentLogger }),
  };
}

describe('a look at all tool servers', () => {
  it('starts none, and says which are left out of the registry', async () => {
    const { toolBox, servers } = box();
    const { servers: seen, refused } = await toolBox.view(undefined);
    expect(seen).toMatchObject([
      { name: 'files', transport: 'http', state: 'idle', recovery: 'fail', tools: [], leftOut: [] },
      { name: 'web', state: 'idle', recovery: 'ask' },
    ]);
    expect(seen[0]).not.toHaveProperty('toolCount', expect.any(Number));
    expect(refused).toEqual([{ name: 'mail', reason: 'command: it is missing' }]);
    expect(servers.map(({ asked }) => asked)).toEqual([0, 0]);
  });

  it('says what waits for approval also where a server was not asked', async () => {
    const { toolBox, servers } = box();
    const waiting = [{ tool: 'act', reason: 'quarantined' }];
    for (const server of servers) server.state = { kind: 'idle', waiting };
    expect((await toolBox.view(undefined)).servers).toMatchObject([
      { state: 'idle', leftOut: waiting },
      { state: 'idle', leftOut: waiting },
    ]);
  });

  it('shows no more tools than fit into a message, and how many there are', async () => {
    const { toolBox, servers } = box();
    const [files, web] = servers;
    const tools = Array.from({ length: 999 }, (_, index) => ({
      name: `tool${index}`,
      description: `${'x'.repeat(300)}\nmore`,
      inputSchema: {},
    }));
    files?.tools.splice(0, 1, ...tools);
    web?.tools.push({ name: 'look', description: '', inputSchema: {} });
    for (const server of servers) await server.list();
    const { servers: seen } = await toolBox.view(undefined);
    expect(seen.map(({ toolCount, tools: shown }) => [toolCount, shown.length])).toEqual([
      [999, 999],
      [2, 1],
    ]);
    expect(Buffer.byteLength(JSON.stringify(seen))).toBeLessThan(512 * 1_024);
  });
});

describe('a look at one tool server', () => {
  it('asks it, and says what it has, with the recovery of each tool', async () => {
    const { toolBox, servers } = box();
    expect((await toolBox.view('files')).servers).toMatchObject([
      {
        name: 'files',
        state: 'ready',
        toolCount: 1,
        tools: [{ name: 'act', description: 'Acts.', recovery: 'retry' }],
        leftOut: [{ tool: 'odd', reason: 'it has no name' }],
      },
    ]);
    expect(servers.map(({ asked }) => asked)).toEqual([1, 0]);
  });

  it('that is not there shows none', async () => {
    expect((await box().toolBox.view('other')).servers).toEqual([]);
  });
});
