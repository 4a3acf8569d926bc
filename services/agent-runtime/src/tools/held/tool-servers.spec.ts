import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import type { Registry } from '../../registry/registry.config.js';
import { PuppetTools } from '../../testing/puppets.js';
import { aRegistry, aServer } from '../../testing/registries.js';
import { ToolServers } from './tool-servers.js';

const user = { tenant: 'acme' };
const never = new AbortController().signal;

class ClosingTools extends PuppetTools {
  isClosed = false;

  override close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

function followed(servers: Registry['servers']) {
  const opened: ClosingTools[] = [];
  let change: (registry: Registry) => void = () => undefined;
  const source = {
    current: aRegistry({ servers }),
    onChange: (listener: typeof change) => void (change = listener),
  };
  const open = (name: string) => {
    const server = new ClosingTools(name);
    opened.push(server);
    return server;
  };
  const toolServers = new ToolServers(source, { open, clock: new ManualClock() });
  return {
    toolServers,
    opened,
    changeTo: (next: Registry['servers']) => change(aRegistry({ servers: next })),
  };
}

describe('the servers of a registry that was changed', () => {
  it('are there when they are new, and stay when nothing of theirs was changed', async () => {
    const { toolServers, opened, changeTo } = followed({ files: aServer() });
    await toolServers.get('files', user)?.list();
    changeTo({ files: aServer(), web: aServer() });
    await toolServers.get('files', user)?.list();
    await toolServers.get('web', user)?.list();
    expect(opened.map(({ name, isClosed }) => [name, isClosed])).toEqual([
      ['files', false],
      ['web', false],
    ]);
  });

  it('are closed when they are gone', async () => {
    const { toolServers, opened, changeTo } = followed({ files: aServer() });
    const before = toolServers.get('files', user);
    await before?.list();
    changeTo({});
    expect(toolServers.get('files', user)).toBeUndefined();
    expect(opened[0]?.isClosed).toBe(true);
    const request = { tool: 'act', arguments: {}, timeoutMs: 1_000 };
    await expect(before?.call(request, never)).rejects.toMatchObject({ retry: 'later' });
  });

  it('are replaced when their settings were changed, the old one with the end of its last call', async () => {
    const { toolServers, opened, changeTo } = followed({ files: aServer() });
    const before = toolServers.get('files', user);
    const request = { tool: 'act', arguments: {}, timeoutMs: 1_000 };
    const called = before?.call(request, never);
    const { version } = before ?? {};
    changeTo({ files: aServer({ timeoutSeconds: 1 }) });
    await toolServers.get('files', user)?.list();
    expect(toolServers.get('files', user)?.version).not.toBe(version);
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    (await opened[0]?.next())?.answer({ content: 'done', isError: false });
    expect(await called).toEqual({ content: 'done', isError: false });
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });
});
