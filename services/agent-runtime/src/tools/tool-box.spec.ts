import { describe, expect, it } from '@jest/globals';
import { silentLogger, WorldError } from '@skynet/platform';
import { aRegistry, aServer } from '../testing/registries.js';
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

function box() {
  const tools = new PuppetTools('tools');
  tools.tools.push({ name: 'look', description: 'Looks.', inputSchema: { type: 'object' } });
  const away = new PuppetTools('away');
  away.list = () => Promise.reject(new WorldError('away: no connection', 'later'));
  const servers = new Map([tools, away].map((server) => [server.name, server]));
  return { tools, toolBox: new ToolBox(registry, servers, silentLogger) };
}

describe('the tools for some grants', () => {
  it('are named after their server and recovered as the operator says', async () => {
    const offered = await box().toolBox.list(['tools__*']);
    expect(offered.map(({ tool, recovery }) => [tool.name, recovery])).toEqual([
      ['tools__act', 'key'],
      ['tools__look', 'retry'],
    ]);
  });

  it('are asked for once per server', async () => {
    expect(await box().toolBox.list(['tools__act', 'tools__look'])).toHaveLength(2);
  });

  it('lack those of a server that is away, and of one that is not known', async () => {
    expect(await box().toolBox.list(['away__*', 'other__*'])).toEqual([]);
    expect(await box().toolBox.list(['away__*', 'tools__*'])).toHaveLength(2);
  });
});

describe('a call', () => {
  it('reaches the server under the tool’s own name and time limit', async () => {
    const { toolBox, tools } = box();
    const called = toolBox.call('tools__act', { arguments: { a: 1 } }, never);
    const { request, answer } = await tools.next();
    expect(request).toEqual({ tool: 'act', arguments: { a: 1 }, timeoutMs: 7_000 });
    answer({ content: 'done', isError: false });
    expect(await called).toEqual({ content: 'done', isError: false });
  });

  it('to a server that is not known surely did not happen', async () => {
    const called = box().toolBox.call('other__act', { arguments: {} }, never);
    await expect(called).rejects.toMatchObject({ retry: 'later' });
  });
});
