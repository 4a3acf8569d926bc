import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AGENT_ROWS, AGENT_ROWS_POINTER, agentIdOf, type AgentRow } from '@skynet/contracts';
import { CHECKPOINTS, readPlatformSettings, silentLogger } from '@skynet/platform';
import {
  connectNats,
  LeanPublisher,
  NatsKvStateStores,
  NatsMessageBus,
  type NatsLink,
} from '@skynet/platform/nats';
import { PlatformModule } from '@skynet/platform/service';
import { eventually, startNatsServer, type NatsServer } from '@skynet/testing';
import { createMcpEdgeApplication } from './mcp-edge-application.js';
import { readMcpEdgeConfig } from './config/mcp-edge.config.js';
import { agentRow } from './testing/agent-rows.js';
import { ScriptedOwner } from './testing/scripted-owner.js';
import { AUDIENCE, ISSUER, startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

const log = silentLogger;

let nats: NatsServer;
let issuer: TestIssuer;
let application: NestFastifyApplication;
let client: Client;
let link: NatsLink;
let publisher: LeanPublisher;
let bus: NatsMessageBus;
let owner: ScriptedOwner;

beforeEach(async () => {
  [nats, issuer] = await Promise.all([startNatsServer(), startTestIssuer()]);
  const config = readMcpEdgeConfig({
    NATS_URL: nats.url,
    EDGE_ISSUER: ISSUER,
    EDGE_AUDIENCE: AUDIENCE,
    EDGE_JWKS_URL: issuer.jwksUrl,
  });
  const platform = PlatformModule.forRoot({
    service: 'mcp-edge',
    settings: readPlatformSettings({ NATS_URL: nats.url, EVENT_STORE: 'memory' }),
    log,
  });
  application = await createMcpEdgeApplication(config, platform, log);
  await application.listen(0, '127.0.0.1');

  link = await connectNats({ url: nats.url, name: 'owner', log });
  publisher = new LeanPublisher(link);
  bus = new NatsMessageBus(link, publisher, log);
  owner = new ScriptedOwner(bus);
  bus.onHint('cmd.agents.*', (message) => owner.receive(message));
  await link.roundTrip();

  client = new Client({ name: 'spec', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const headers = { authorization: `Bearer ${await issuer.token()}` };
  const url = new URL(`${await application.getUrl()}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
});
afterEach(async () => {
  await client.close();
  await application.close();
  await bus.close();
  publisher.close();
  await link.close();
  await Promise.all([nats.stop(), issuer.stop()]);
});

async function call(name: string, input: Record<string, unknown>): Promise<unknown> {
  return (await client.callTool({ name, arguments: input })).structuredContent;
}

/** As the projector does. */
async function project(row: AgentRow): Promise<void> {
  const rows = await new NatsKvStateStores(link, publisher, { log }).open(AGENT_ROWS);
  await rows.put(row.agentId, row);
  bus.hint(`view.agent.${row.agentId}`, { revision: row.revision, status: row.status });
}

describe('the edge over a real NATS server', () => {
  it('is ready once its views are served', async () => {
    const url = `${await application.getUrl()}/health/ready`;
    expect((await fetch(url)).status).toBe(200);
    owner.stopServing();
    await link.roundTrip();
    // An answer is at most a second old.
    await eventually(async () => expect((await fetch(url)).status).toBe(503));
  });

  it('carries a spawn to the owner, and finds the agent before and after its row is written', async () => {
    const spawned = await call('spawn_agent', { task: { description: 'count' } });
    const { agentId } = spawned as { agentId: string };
    expect(owner.commands).toMatchObject([{ type: 'SpawnAgent', tenant: 'acme' }]);

    const row = agentRow('a', { agentId: agentIdOf(agentId), status: 'queued' });
    owner.rows.push(row);
    expect(await call('get_agent_status', { agentId })).toMatchObject({ status: 'queued' });
    await project({ ...row, status: 'running' });
    expect(await call('get_agent_status', { agentId })).toMatchObject({ status: 'running' });
  });

  it('reads rows where they were rebuilt, as soon as these are the live ones', async () => {
    const row = agentRow('a', { status: 'running' });
    const states = new NatsKvStateStores(link, publisher, { log });
    await project(row);
    const rebuilt = await states.open<AgentRow>('agents_b');
    await rebuilt.put(row.agentId, { ...row, status: 'completed' });
    const status = () => call('get_agent_status', { agentId: row.agentId });
    expect(await status()).toMatchObject({ status: 'running' });
    await (await states.open(CHECKPOINTS)).put(AGENT_ROWS_POINTER, { bucket: 'agents_b' });
    await eventually(async () => expect(await status()).toMatchObject({ status: 'completed' }));
  });

  it('hears at once that an agent has ended', async () => {
    const row = agentRow('a');
    await project(row);
    const startMs = performance.now();
    const waiting = call('wait_agent', { agentId: row.agentId, timeoutSeconds: 45 });
    await call('get_agent_status', { agentId: row.agentId });
    await project({ ...row, status: 'completed' });
    expect(await waiting).toMatchObject({ status: 'completed' });
    // Sooner than a lost hint would be noticed.
    expect(performance.now() - startMs).toBeLessThan(4_000);
  });

  it('goes on after the server was killed and came back', async () => {
    await nats.restart();
    expect(await call('list_agents', {})).toEqual({ agents: [] });
    const spawned = await call('spawn_agent', { task: { description: 'count' } });
    expect(spawned).toMatchObject({ status: 'queued' });
  });
});
