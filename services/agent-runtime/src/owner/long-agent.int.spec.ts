import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamNames, type AgentId } from '@skynet/contracts';
import type { AgentState, RunContext } from '@skynet/domain-agents';
import {
  newAgentId,
  silentLogger as log,
  SNAPSHOTS,
  Snapshots,
  systemClock as clock,
  type Clock,
} from '@skynet/platform';
import {
  connectNats,
  JetStreamEventStore,
  LeanPublisher,
  NatsKvStateStores,
  type NatsLink,
} from '@skynet/platform/nats';
import { aSpec, eventually, someLimits, startNatsServer, type NatsServer } from '@skynet/testing';
import { agentSnapshotModel } from './agent-snapshot.js';
import { Agents, type AgentRequest } from './agents.js';

const TURNS = 1_000;
/** Events of one turn: what was said, the progress in it, and the next question. */
const EVENTS_PER_TURN = 4;
const SNAPSHOT_EVERY = 200;

/** Round trips are counted here: a machine with other work may take longer for them than a snapshot is waited for. */
const patient: Clock = { ...clock, timer: () => () => undefined };

const origin = { tenant: 'acme', principal: 'alice' };
const context: RunContext = { promptBytes: 100, promptHash: 'prompt', recoveries: {} };
const usage = { inputTokens: 10, outputTokens: 10, costMicroUsd: 0 };

let server: NatsServer;
const links: NatsLink[] = [];

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(async () => {
  await Promise.all(links.map((link) => link.close()));
  await server.stop();
});

/** A process of its own, that knows nothing of any agent yet. */
async function aProcess({ withSnapshots = true } = {}) {
  const link = await connectNats({ url: server.url, name: 'test', log });
  links.push(link);
  const publisher = new LeanPublisher(link);
  const store = await JetStreamEventStore.open(link, publisher, {
    logStream: 'LOG',
    prefix: 'log',
    log,
  });
  const states = new NatsKvStateStores(link, publisher, { log });
  await states.open(SNAPSHOTS);
  const model = agentSnapshotModel;
  const snapshots = new Snapshots<AgentState>({ states, model, clock: patient, log });
  const agents = new Agents(store, clock, withSnapshots ? snapshots : undefined);
  const asked = () => link.connection.stats().outMsgs;
  return { agents, asked, snapshots, store };
}

type Process = Awaited<ReturnType<typeof aProcess>>;

/** An agent that says a paragraph and reports progress in each turn. */
async function talk({ agents }: Process, agentId: AgentId): Promise<void> {
  const unlimited = { tokens: 1e12, costMicroUsd: 1e12 };
  const limits = someLimits({ ...unlimited, deadlineMs: clock.nowMs() + 3_600_000 });
  const spec = aSpec();
  await agents.spawn({ agentId, rootId: agentId, ...origin, depth: 0, spec, limits }, origin);
  const decide = (id: string, request: object) =>
    agents.execute(agentId, { id, ...request } as AgentRequest<'ContinueRun'>, origin);
  await decide('admit', { type: 'AdmitAgent', data: { queuedRevision: 0 } });
  const run = { dispatchId: 1, workerId: 'w', offered: null, rules: 1, keepsSlot: false, context };
  await decide('start', { type: 'StartRun', data: run });
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const call = { id: `m${turn}_0`, name: 'report_progress', arguments: '{}' };
    const calls = [{ kind: 'progress', call, message: `turn ${turn}` }];
    const outcome = { kind: 'answered', text: `${turn} `.repeat(300), calls };
    const data = { epoch: 1, callId: `m${turn}`, usage, outcome, context };
    await decide(`turn-${turn}`, { type: 'RecordModelOutcome', data });
  }
}

describe('an agent of 1,000 turns', () => {
  const agentId = newAgentId();
  const stream = streamNames.agent(agentId);
  let events = 0;

  beforeAll(async () => {
    const writer = await aProcess();
    await talk(writer, agentId);
    const [last] = await writer.store.read(stream, { backwards: true, max: 1 });
    events = (last?.revision ?? -1) + 1;
    const newest = Math.floor(events / SNAPSHOT_EVERY) * SNAPSHOT_EVERY - EVENTS_PER_TURN;
    await eventually(async () =>
      expect((await writer.snapshots.load(stream))?.revision).toBeGreaterThanOrEqual(newest),
    );
  }, 60_000);

  it('is read from a revision on in as many round trips as commits follow it', async () => {
    const { asked, store } = await aProcess();
    const before = asked();
    const tail = await store.read(stream, { from: events - 10 * EVENTS_PER_TURN });
    expect(tail).toHaveLength(10 * EVENTS_PER_TURN);
    expect(asked() - before).toBeLessThanOrEqual(12);
  });

  it('is loaded by another process in round trips of its snapshot and what came after', async () => {
    const { agents, asked } = await aProcess();
    const before = asked();
    const state = await agents.load(agentId);
    const pages = 10;
    expect(asked() - before).toBeLessThanOrEqual(SNAPSHOT_EVERY / EVENTS_PER_TURN + pages);
    const whole = await (await aProcess({ withSnapshots: false })).agents.load(agentId);
    expect(state).toEqual(whole);
  });
});
