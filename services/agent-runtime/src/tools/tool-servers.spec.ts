import { describe, expect, it } from '@jest/globals';
import type { Registry } from '../registry/registry.config.js';
import { PuppetTools } from '../testing/puppets.js';
import { aRegistry, aServer } from '../testing/registries.js';
import { ToolServers } from './tool-servers.js';

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
  const toolServers = new ToolServers(source, (name) => {
    const server = new ClosingTools(name);
    opened.push(server);
    return server;
  });
  return {
    toolServers,
    opened,
    changeTo: (next: Registry['servers']) => change(aRegistry({ servers: next })),
  };
}

describe('the servers of a registry that was changed', () => {
  it('are there when they are new, and stay when nothing of theirs was changed', () => {
    const { toolServers, opened, changeTo } = followed({ files: aServer() });
    const files = toolServers.get('files');
    changeTo({ files: aServer(), web: aServer() });
    expect(toolServers.get('files')).toBe(files);
    expect(toolServers.get('web')).toBeDefined();
    expect(opened.map(({ name, isClosed }) => [name, isClosed])).toEqual([
      ['files', false],
      ['web', false],
    ]);
  });

  it('are closed when they are gone', () => {
    const { toolServers, opened, changeTo } = followed({ files: aServer() });
    changeTo({});
    expect(toolServers.get('files')).toBeUndefined();
    expect(opened[0]?.isClosed).toBe(true);
  });

  it('are replaced when their settings were changed, the old one with the end of its last call', async () => {
    const { toolServers, opened, changeTo } = followed({ files: aServer() });
    const before = toolServers.get('files');
    const request = { tool: 'act', arguments: {}, timeoutMs: 1_000 };
    const called = before?.call(request, never);
    changeTo({ files: aServer({ timeoutSeconds: 1 }) });
    expect(toolServers.get('files')?.version).not.toBe(before?.version);
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    (await opened[0]?.next())?.answer({ content: 'done', isError: false });
    expect(await called).toEqual({ content: 'done', isError: false });
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });
});
