import { TimeoutError } from '@nats-io/transport-node';
import { describe, expect, it } from '@jest/globals';
import { ManualClock, recordingLogger } from '@skynet/testing';
import { watchCluster } from './cluster-watch.js';
import type { NatsLink } from './nats-link.js';

/** A link to a server that has lost its cluster: it answers nothing of JetStream. */
function lonely(named: readonly string[]) {
  let moves = 0;
  const link = {
    isConnected: () => true,
    connection: {
      info: { connect_urls: named },
      isClosed: () => false,
      getServer: () => 'a:4222',
      request: () => Promise.reject(new TimeoutError()),
      reconnect: () => Promise.resolve(void (moves += 1)),
    },
  } as unknown as NatsLink;
  return { link, moves: () => moves };
}

async function watched(link: NatsLink, servers: number): Promise<void> {
  const clock = new ManualClock();
  const stop = watchCluster(link, { name: 'test', log: recordingLogger().log, servers, clock });
  for (let second = 0; second < 5; second += 1) await clock.advance(1_000);
  stop();
}

describe('a server that has lost its cluster', () => {
  it.each([
    ['it names others', ['a:4222', 'b:4222'], 1],
    ['it names no others any more, and the process was told of some', ['a:4222'], 3],
  ])('is left when %s', async (_, named, servers) => {
    const { link, moves } = lonely(named);
    await watched(link, servers);
    expect(moves()).toBe(1);
  });

  it('is not left when there is no other', async () => {
    const { link, moves } = lonely(['a:4222']);
    await watched(link, 1);
    expect(moves()).toBe(0);
  });
});
