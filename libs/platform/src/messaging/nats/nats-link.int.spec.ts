import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recordingLogger, startNatsServer, type NatsServer } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { connectNats } from './nats-connection.js';
import { patientRead } from './patient-read.js';

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

const connected = () => connectNats({ url: server.url, name: 'test', log });

/** A server that greets as nats-server of this version, answers so many pings, and says no more. */
async function pretender(version: string, pongs = 1): Promise<{ url: string; server: Server }> {
  const info = JSON.stringify({ server_id: 'x', version, max_payload: 1024, headers: true });
  let left = pongs;
  const pretending = createServer((socket) => {
    socket.write(`INFO ${info}\r\n`);
    socket.on('data', (data) => {
      if (!String(data).includes('PING') || left === 0) return;
      left -= 1;
      socket.write('PONG\r\n');
    });
    socket.on('error', () => undefined);
  });
  pretending.listen(0, '127.0.0.1');
  await once(pretending, 'listening');
  const address = pretending.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `nats://127.0.0.1:${port}`, server: pretending };
}

describe('connecting', () => {
  it('waits for a server that still starts, and says so', async () => {
    const { log: recording, lines } = recordingLogger();
    const late = await startNatsServer();
    await late.kill();
    const connecting = connectNats({ url: late.url, name: 'test', log: recording });
    while (!lines.some(({ message }) => message === 'waiting for NATS')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await late.restart();
    const link = await connecting;
    expect(link.isConnected()).toBe(true);
    await link.close();
    await late.stop();
  });

  it('gives up with advice, and without the password', async () => {
    const nobody = await startNatsServer();
    await nobody.stop();
    const url = nobody.url.replace('//', '//user:secret@');
    const failed = connectNats({ url, name: 'test', log, startTimeoutMs: 0 });
    await expect(failed).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    await expect(failed).rejects.toThrow(/no nats-server at .*check that it runs/);
    await expect(failed).rejects.not.toThrow('secret');
  });

  it('refuses a server that is too old', async () => {
    const old = await pretender('2.8.4');
    const refused = connectNats({ url: old.url, name: 'test', log });
    await expect(refused).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
    await expect(refused).rejects.toThrow('2.8.4 is too old: 2.9 or newer');
    old.server.close();
  });

  it('does not wait when the server refuses it', async () => {
    const guarded = await startNatsServer({
      configuration: 'authorization { user: a, password: b }',
    });
    const refused = connectNats({ url: guarded.url, name: 'test', log });
    await expect(refused).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
    await guarded.stop();
  });
});

describe('a connection that is lost', () => {
  it('tells so, fails what waits for an answer, and tells when it is back', async () => {
    const link = await connected();
    const told: string[] = [];
    link.onLost(() => told.push('lost'));
    link.onRestored(() => told.push('restored'));
    const waiting = link.untilLost(new Promise<never>(() => undefined));
    await server.kill();
    await expect(waiting).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    expect([link.isConnected(), told]).toEqual([false, ['lost']]);
    await expect(link.roundTrip()).rejects.toMatchObject({ retry: 'later' });
    await expect(link.whenConnected(10)).rejects.toMatchObject({ retry: 'later' });
    await expect(link.untilLost(new Promise(() => undefined))).rejects.toThrow('lost');
    const back = link.whenConnected(5_000);
    await server.restart();
    await back;
    await link.roundTrip();
    expect([link.isConnected(), told]).toEqual([true, ['lost', 'restored']]);
    await link.close();
  });

  it('has reads made again', async () => {
    const link = await connected();
    let reads = 0;
    const reading = patientRead(link, 'row', () => {
      reads += 1;
      return reads === 1 ? new Promise<string>(() => undefined) : Promise.resolve('value');
    });
    await server.kill();
    await server.restart();
    expect(await reading).toBe('value');
    const broken = patientRead(link, 'row', () => Promise.reject(new Error('refused')));
    await expect(broken).rejects.toMatchObject({
      message: "row can't be read now",
      retry: 'later',
    });
    await link.close();
  });

  it('is not waited for when it was closed on purpose', async () => {
    const link = await connected();
    await link.close();
    await link.close();
    await link.closed;
    await expect(link.whenConnected(60_000)).rejects.toThrow('closed');
    await expect(link.roundTrip()).rejects.toMatchObject({ retry: 'later' });
  });

  it('is closed at once while the server is away', async () => {
    const link = await connected();
    const lost = new Promise<void>((resolve) => link.onLost(resolve));
    await server.kill();
    await lost;
    await link.close();
    await link.closed;
    await server.restart();
  });
});

describe('a server that hangs', () => {
  it('fails a round trip when its time is over, and does not keep the connection from closing', async () => {
    const hanging = await pretender('2.10.0');
    const link = await connectNats({ url: hanging.url, name: 'test', log });
    expect(link.isConnected()).toBe(true);
    await expect(link.roundTrip(50)).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    await link.close();
    await link.closed;
    hanging.server.close();
  });

  it('is known not to answer while it is connected, and answers when it goes on', async () => {
    const stopped = await startNatsServer();
    const link = await connectNats({ url: stopped.url, name: 'test', log });
    await stopped.pause();
    await expect(link.whenAnswering(50)).rejects.toMatchObject({ retry: 'later' });
    const back = link.whenAnswering(20_000);
    stopped.resume();
    await back;
    await link.close();
    await stopped.stop();
  });

  it('is waited for while it is started again', async () => {
    const link = await connected();
    const lost = new Promise<void>((resolve) => link.onLost(resolve));
    await server.kill();
    await lost;
    await expect(link.whenAnswering(10)).rejects.toMatchObject({ retry: 'later' });
    const back = link.whenAnswering(20_000);
    await server.restart();
    await back;
    await link.close();
  });
});
