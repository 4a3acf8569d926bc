import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@skynet/platform';
import { eventually, ManualClock } from '@skynet/testing';
import type { ServerEntry } from '../../registry/registry.config.js';
import { aRegistry, aServer, aStdioServer } from '../../testing/registries.js';
import { TestToolHost } from '../../testing/tool-hosts.js';
import { startToolProgram } from '../../testing/tool-programs.js';
import { McpToolServer } from '../mcp/mcp-tool-server.adapter.js';
import { ToolBox } from '../tool-box.js';
import type { ToolUser } from '../tool-server.port.js';
import { ToolServers, type OpenServer } from './tool-servers.js';

const program = fileURLToPath(new URL('../../testing/stdio-tool-server.mjs', import.meta.url));
const never = new AbortController().signal;
const boxes: ToolBox[] = [];
const children: ChildProcess[] = [];
let hosts: TestToolHost;

beforeAll(async () => {
  hosts = await TestToolHost.start();
});
afterAll(() => hosts.close());
afterEach(async () => {
  await Promise.all(boxes.splice(0).map((toolBox) => toolBox.close()));
  for (const child of children.splice(0)) child.kill();
});

/** Servers that remember what they were told, in processes of their own. */
function boxOf(fields: object = {}) {
  return boxFor(aStdioServer(process.execPath, [program], fields));
}

function boxFor(entry: ServerEntry) {
  const registry = aRegistry({ servers: { notes: entry } });
  const clock = new ManualClock();
  const means = { hidden: [], hosts, clock, log: silentLogger };
  const open: OpenServer = (name, opened) => new McpToolServer(name, { ...means, ...opened });
  const servers = new ToolServers(registry, { open, clock });
  const toolBox = new ToolBox(registry, servers, { clock, log: silentLogger });
  boxes.push(toolBox);
  return { toolBox, clock };
}

async function called(toolBox: ToolBox, user: ToolUser, value?: string): Promise<string> {
  const request = { arguments: { value }, user };
  return (await toolBox.call('notes__remember', request, never)).content;
}

const agent = (tenant: string, rootId: string, agentId: string) => ({ tenant, rootId, agentId });
const [first, second] = [agent('acme', 'root', 'first'), agent('acme', 'root', 'second')];
const elsewhere = agent('acme', 'other', 'elsewhere');
const stranger = agent('globex', 'strange', 'stranger');

describe('what a server remembers of an agent', () => {
  it.each([
    ['agent', ['', '', '']],
    ['tree', ['secret', '', '']],
    ['tenant', ['secret', 'secret', '']],
    ['shared', ['secret', 'secret', 'secret']],
  ])('is seen no further than its %s', async (isolation, seen) => {
    const { toolBox } = boxOf({ isolation });
    for (const user of [first, second, elsewhere, stranger]) await toolBox.list(['notes__*'], user);
    await called(toolBox, first, 'secret');
    const others = [second, elsewhere, stranger].map((user) => called(toolBox, user));
    expect(await Promise.all(others)).toEqual(seen);
    expect(await called(toolBox, first)).toBe('secret');
  });

  it('is seen by no other tenant where the entry says nothing of it', async () => {
    const { toolBox } = boxOf();
    await called(toolBox, first, 'secret');
    expect(await called(toolBox, stranger)).toBe('');
    expect(await called(toolBox, elsewhere)).toBe('secret');
  });

  it('is gone with its process: the next call starts another', async () => {
    const { toolBox, clock } = boxOf({ isolation: 'agent', idleSeconds: 60 });
    await called(toolBox, first, 'secret');
    await clock.advance(60_000);
    await eventually(async () => expect(await instances(toolBox)).toBe(0));
    expect(await called(toolBox, first)).toBe('');
  });

  it('takes its process along when it ends', async () => {
    const { toolBox } = boxOf({ isolation: 'agent' });
    await called(toolBox, first, 'secret');
    expect(await instances(toolBox)).toBe(1);
    toolBox.release(first, () => false);
    await eventually(async () => expect(await instances(toolBox)).toBe(0));
  });
});

describe('a session at a server over HTTP', () => {
  it('is one tenant’s', async () => {
    const { child, url } = await startToolProgram('http-tool-server.mjs', '2025');
    children.push(child);
    const { toolBox } = boxFor(aServer({ url }));
    const sessionOf = async (user: ToolUser) => {
      const { content } = await toolBox.call('notes__look', { arguments: {}, user }, never);
      return (JSON.parse(content) as { readonly session?: string }).session;
    };
    const own = await sessionOf(first);
    expect(own).toMatch(/./);
    expect(await sessionOf(elsewhere)).toBe(own);
    const strange = await sessionOf(stranger);
    expect(strange).toMatch(/./);
    expect(strange).not.toBe(own);
  });
});

async function instances(toolBox: ToolBox): Promise<number | undefined> {
  return (await toolBox.view(undefined)).servers[0]?.instances;
}
