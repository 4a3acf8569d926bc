import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startNatsServer, type NatsServer } from '@skynet/testing';
import { ensureStreams, streamManager } from '../messaging/jetstream/jetstream-streams.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { NatsMessageBus } from '../messaging/nats/nats-message-bus.adapter.js';
import { systemClock } from '../runtime/clock.js';
import { silentLogger } from '../runtime/logger.js';
import { noMetrics } from '../telemetry/metrics.port.js';
import type { Arrival, IntakePlace } from './audit-intake.port.js';
import { BusAuditTrail } from './bus-audit-trail.adapter.js';
import { JetStreamAuditIntake } from './jetstream-audit-intake.adapter.js';

const log = silentLogger;

let server: NatsServer;
let link: NatsLink;
let bus: NatsMessageBus;
let intake: JetStreamAuditIntake;

beforeAll(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'test', log });
  await ensureStreams(link.connection);
  bus = new NatsMessageBus(link, new LeanPublisher(link), log);
  intake = new JetStreamAuditIntake(link, { clock: systemClock, log });
});

afterAll(async () => {
  await bus.close();
  await link.close();
  await server.stop();
});

const trailOf = (service: string) =>
  new BusAuditTrail({ service, bus, clock: systemClock, log, metrics: noMetrics });

async function arrivals(count: number, after?: IntakePlace): Promise<Arrival[]> {
  const found: Arrival[] = [];
  for await (const together of intake.after(after, new AbortController().signal)) {
    found.push(...together);
    if (found.length >= count) return found;
  }
  return found;
}

const told = (arrival: Arrival | undefined) =>
  arrival?.kind === 'entry' ? [arrival.received.service, arrival.received.entry.act] : arrival;
const placeOf = (arrival: Arrival | undefined) =>
  arrival?.kind === 'entry' ? arrival.received.source : arrival?.place;

describe('acts on their way', () => {
  it('come in the order in which each service told them, named after it', async () => {
    const edge = trailOf('mcp-edge');
    void edge.record({ act: 'spawn_agent', outcome: 'allowed', principal: 'alice' });
    void edge.record({ act: 'pause_agent', outcome: 'allowed', principal: 'alice' });
    await edge.record({ act: 'resume_agent', outcome: 'refused', principal: 'alice' });
    await bus.publish('audit.scheduler', { act: 'nonsense' });
    await trailOf('auth').record({ act: 'login', outcome: 'refused' });

    const all = await arrivals(5);
    expect([all[0], all[1], all[2], all[4]].map(told)).toEqual([
      ['mcp-edge', 'spawn_agent'],
      ['mcp-edge', 'pause_agent'],
      ['mcp-edge', 'resume_agent'],
      ['auth', 'login'],
    ]);
    expect(all[3]).toMatchObject({ kind: 'damaged', service: 'scheduler' });
    expect((await arrivals(3, placeOf(all[1]))).map(placeOf)).toEqual(all.slice(2).map(placeOf));
  });

  it('are forgotten up to a place, and are all new in a stream that was made anew', async () => {
    const [first, second] = await arrivals(2);
    const place = placeOf(first);
    if (place === undefined) throw new Error('nothing came');
    await intake.forget(place);
    expect(placeOf((await arrivals(1))[0])).toEqual(placeOf(second));

    const manager = await streamManager(link.connection);
    await manager.streams.delete('AUDIT');
    await ensureStreams(link.connection);
    await trailOf('auth').record({ act: 'login', outcome: 'allowed', principal: 'bob' });
    await intake.forget({ ...place, sequence: 1_000 });
    expect((await arrivals(1, { ...place, sequence: 1_000 })).map(told)).toEqual([
      ['auth', 'login'],
    ]);
  });

  it('end when nobody wants more', async () => {
    const end = new AbortController();
    const iterator = intake.after(undefined, end.signal)[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    end.abort();
    expect(await next).toMatchObject({ done: true });
  });
});
