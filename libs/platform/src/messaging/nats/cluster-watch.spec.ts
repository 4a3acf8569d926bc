import { NoRespondersError, TimeoutError } from '@nats-io/transport-node';
import { describe, expect, it } from '@jest/globals';
import { ManualClock, recordingLogger } from '@skynet/testing';
import { watchCluster } from './cluster-watch.js';
import type { NatsLink } from './nats-link.js';

/** What the server says to the question for the stream, and to what is published to it. */
interface Answers {
  readonly info: () => Promise<unknown>;
  readonly publish: () => Promise<unknown>;
}

const silence = () => Promise.reject(new TimeoutError());
const nobody = () => Promise.reject(new NoRespondersError('health.test'));
const saying = (answer: object) => () => Promise.resolve({ json: () => answer });

/** A link to a server that answers nothing of JetStream, or what is given. */
function linkTo(named: readonly string[], answers: Partial<Answers> = {}) {
  const { info = silence, publish = silence } = answers;
  let moves = 0;
  const link = {
    isConnected: () => true,
    connection: {
      info: { connect_urls: named },
      isClosed: () => false,
      getServer: () => 'a:4222',
      request: (subject: string) => (subject.startsWith('$JS') ? info() : publish()),
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
    const { link, moves } = linkTo(named);
    await watched(link, servers);
    expect(moves()).toBe(1);
  });

  it('is left when it still answers questions, and nobody takes what is published', async () => {
    const answers = { info: saying({ config: {} }), publish: nobody };
    const { link, moves } = linkTo(['a:4222', 'b:4222'], answers);
    await watched(link, 3);
    expect(moves()).toBe(1);
  });

  it('is not left when there is no other', async () => {
    const { link, moves } = linkTo(['a:4222']);
    await watched(link, 1);
    expect(moves()).toBe(0);
  });
});

describe('a server that reaches the others', () => {
  it.each([
    ['it takes what is published', { publish: saying({ seq: 1 }) }],
    ['there is no such stream', { info: saying({ error: { code: 404 } }), publish: nobody }],
  ])('is not left when %s', async (_, answers) => {
    const { link, moves } = linkTo(['a:4222', 'b:4222'], answers);
    await watched(link, 3);
    expect(moves()).toBe(0);
  });
});
