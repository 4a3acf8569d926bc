import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentTextSchema, subjects } from '@skynet/contracts';
import { silentLogger as log } from '@skynet/platform';
import { connectNats, LeanPublisher, NatsMessageBus } from '@skynet/platform/nats';
import {
  agentSpawned,
  anAgentId,
  eventually,
  ManualClock,
  startNatsServer,
  type NatsServer,
} from '@skynet/testing';
import { LiveTexts } from './live-texts.js';

const PIECES = 3_000;
const PIECE = 'x'.repeat(4_000);

let server: NatsServer;
const buses: NatsMessageBus[] = [];
let stalled: Socket | undefined;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(async () => {
  stalled?.destroy();
  await Promise.all(buses.map((bus) => bus.close()));
  await server.stop();
});

async function opened(): Promise<NatsMessageBus> {
  const link = await connectNats({ url: server.url, name: 'test', log });
  const bus = new NatsMessageBus(link, new LeanPublisher(link), log);
  buses.push(bus);
  return bus;
}

/** Subscribes to all text and reads nothing from then on. */
async function whoReadsNothing(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'data');
  socket.write('CONNECT {"verbose":false}\r\nSUB text.agent.> 1\r\nPING\r\n');
  await once(socket, 'data');
  socket.pause();
  return socket;
}

describe('text that is told over NATS', () => {
  it('waits for nobody: who reads nothing holds up neither the agent nor other listeners', async () => {
    const [worker, edge] = [await opened(), await opened()];
    const clock = new ManualClock();
    const texts = new LiveTexts(worker, clock);
    const stop = texts.serve();
    stalled = await whoReadsNothing();
    const agentId = anAgentId(1);
    const { data: spawned } = agentSpawned({ agentId, rootId: agentId });
    const heard: number[] = [];
    edge.onHint(subjects.textOfAgent('acme', agentId), ({ data }) =>
      heard.push(agentTextSchema.parse(data).at),
    );
    const text = texts.of({ spawned }, { callId: 'm1' });
    await eventually(() => {
      edge.hint(subjects.textWanted, { tenant: 'acme', agentId });
      text.take(PIECE);
      clock.stall(250);
      expect(heard.length).toBeGreaterThan(0);
    });
    for (let piece = 0; piece < PIECES; piece += 1) {
      text.take(PIECE);
      if (piece % 50 === 0) {
        edge.hint(subjects.textWanted, { tenant: 'acme', agentId });
        // What the server has taken before it answers, it has handed on before it answers the other one.
        for (const bus of [edge, worker]) await bus.whenAnswering(10_000);
      }
      clock.stall(250);
    }
    text.end('done');
    await eventually(() => expect(heard.at(-1)).toBeGreaterThan(PIECES * PIECE.length));
    expect(heard.slice(-PIECES)).toEqual(
      heard.slice(-PIECES).map((_, index, { length }) => {
        return (heard.at(-1) ?? 0) - (length - 1 - index) * PIECE.length;
      }),
    );
    expect(stalled.bytesRead).toBeLessThan(PIECES * PIECE.length);
    stop();
  });
});
