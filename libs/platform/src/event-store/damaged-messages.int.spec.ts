import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { commitOf, newStream, startNatsServer, textsOf, type NatsServer } from '@skynet/testing';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { silentLogger as log } from '../runtime/logger.js';
import type { Damage } from './event-store.port.js';
import { JetStreamEventStore } from './jetstream-event-store.adapter.js';
import { encodeCommit, headersOfCommit } from './log-message.js';

let server: NatsServer;
let link: NatsLink;
let publisher: LeanPublisher;
let store: JetStreamEventStore;
let logs = 0;

beforeAll(async () => {
  server = await startNatsServer();
});
beforeEach(async () => {
  link = await connectNats({ url: server.url, name: 'test', log });
  publisher = new LeanPublisher(link);
  logs += 1;
  store = await opened();
});
afterEach(async () => {
  await store.close();
  publisher.close();
  await link.close();
});
afterAll(() => server.stop());

const opened = () =>
  JetStreamEventStore.open(link, publisher, { logStream: `LOG${logs}`, prefix: `log${logs}`, log });

const [event, second] = commitOf(['a', 'b'], 'one');
if (event === undefined || second === undefined) throw new Error('no events');
const body = JSON.parse(encodeCommit([event])) as Record<string, unknown>;
const [stored] = body['events'] as Record<string, unknown>[];
const head = { id: 'one', firstRevision: 0, lastRevision: 0, previous: 0 };

interface Stray {
  readonly body: unknown;
  readonly headers?: Partial<Record<keyof typeof head, unknown>>;
  readonly isBare?: boolean;
}

const withEvent = (change: object) => ({ ...body, events: [{ ...stored, ...change }] });
const withMetadata = (change: object) => ({
  ...body,
  metadata: { ...(body['metadata'] as object), ...change },
});

const strays: readonly [string, Stray][] = [
  ['without headers', { body, isBare: true }],
  ['whose header names no commit', { body, headers: { id: '' } }],
  ['whose header names no revisions', { body, headers: { firstRevision: 'x' } }],
  ['whose revisions go back', { body, headers: { firstRevision: 1, previous: 1 } }],
  ['whose revisions are not as many as its events', { body, headers: { lastRevision: 1 } }],
  ['that is no first one and has none before it', { body, headers: { firstRevision: 1 } }],
  ['that is the first one and has one before it', { body, headers: { previous: 1 } }],
  ['whose body is null', { body: null }],
  ['whose body is a list', { body: [body] }],
  ['whose body is a text', { body: 'text' }],
  ['of a shape that is none', { body: { ...body, v: '2' } }],
  ['without a shape', { body: { ...body, v: undefined } }],
  ['without a time', { body: { ...body, timeMs: '1' } }],
  ['without events', { body: { ...body, events: [] } }],
  ['whose events are no list', { body: { ...body, events: {} } }],
  ['with an event that is null', { body: { ...body, events: [null] } }],
  ['with an event without id', { body: withEvent({ id: 7 }) }],
  ['with an event without type', { body: withEvent({ type: undefined }) }],
  ['with an event without version', { body: withEvent({ version: '1' }) }],
  ['with an event of version 0', { body: withEvent({ version: 0 }) }],
  ['with an event of no time', { body: withEvent({ timeMs: null }) }],
  [
    'with an event that has metadata of its own that are none',
    { body: withEvent({ metadata: {} }) },
  ],
  ['without metadata', { body: { ...body, metadata: null } }],
  ['without a tenant', { body: withMetadata({ tenant: undefined }) }],
  ['without a principal', { body: withMetadata({ principal: 1 }) }],
  ['without a correlation', { body: withMetadata({ correlationId: null }) }],
  ['without a cause', { body: withMetadata({ causationId: null }) }],
  ['without an epoch', { body: withMetadata({ epoch: '0' }) }],
  ['with a trace that is no text', { body: withMetadata({ traceparent: 1 }) }],
];

async function put(subject: string, { body: content, headers, isBare }: Stray): Promise<void> {
  const all = headersOfCommit({ ...head, ...headers } as typeof head);
  all.delete('Nats-Expected-Last-Subject-Sequence');
  const options = isBare ? {} : { headers: all };
  await link.connection.request(`log${logs}.${subject}`, JSON.stringify(content), options as never);
}

const subjectOf = (stream: string) => stream.replace('-', '.');

/** Everything that is in the log now: texts of commits, and streams that are damaged. */
async function told(): Promise<{ order: string[]; damages: Damage[] }> {
  const order: string[] = [];
  const damages: Damage[] = [];
  const onDamaged = (damage: Damage) => {
    damages.push(damage);
    order.push(damage.stream);
  };
  const subscription = await store.subscribe({ onDamaged }, ({ events }) => {
    order.push(...textsOf(events));
  });
  await subscription.caughtUp;
  await subscription.stop();
  return { order, damages };
}

describe('a message in the log', () => {
  it('that is as ours are is one of ours', async () => {
    await put('agent.1', { body });
    expect((await told()).order).toEqual(['a']);
    expect(textsOf(await store.read('agent-1'))).toEqual(['a']);
  });

  it.each(strays)('%s is one damaged stream', async (_what, stray) => {
    const [damaged, other] = [newStream(), newStream()];
    await put(subjectOf(damaged), stray);
    await store.append(other, commitOf(['b']), 'no-stream');
    const { order, damages } = await told();
    expect(order).toEqual([damaged, 'b']);
    expect(damages).toEqual([{ stream: damaged, position: '1', reason: expect.any(String) }]);
    const refusal = { name: 'DamagedStreamError', ...damages[0], retry: 'never' };
    await expect(store.read(damaged)).rejects.toMatchObject(refusal);
    for (const expected of ['no-stream', 0, 1] as const) {
      const append = store.append(damaged, commitOf(['c']), expected);
      await expect(append).rejects.toMatchObject(refusal);
    }
  });

  it('of a newer shape is damage for this release only, and says which it needs', async () => {
    const stream = newStream();
    await put(subjectOf(stream), { body: { ...body, v: 2 } });
    const reason = 'it needs a release that knows commits v2';
    const damage = { stream, position: '1', reason, isNewer: true };
    expect((await told()).damages).toEqual([damage]);
    await expect(store.read(stream)).rejects.toMatchObject({ damage, retry: 'never' });
    await expect(store.append(stream, commitOf(['c']), 0)).rejects.toMatchObject({ damage });
  });

  it.each([{ firstRevision: 'x' }, { lastRevision: 'x' }, { firstRevision: 1 }])(
    'with revisions as %j says that it is for them',
    async (headers) => {
      await put('agent.1', { body, headers });
      expect((await told()).damages[0]?.reason).toContain('names no revisions');
    },
  );

  it('that is no JSON is one damaged stream', async () => {
    const headers = headersOfCommit(head);
    await link.connection.request(`log${logs}.agent.1`, '{', { headers, timeout: 1_000 });
    expect((await told()).order).toEqual(['agent-1']);
  });

  it.each(['agent', 'agent.1.2', 'Agent.1', 'agent.*', 'agent.$1'])(
    'on the subject %s is no stream of ours',
    async (subject) => {
      await put(subject, { body });
      await store.append(newStream(), commitOf(['b']), 'no-stream');
      const { order, damages } = await told();
      expect(order).toEqual([subject.replace('.', '-'), 'b']);
      expect(damages[0]?.reason).toContain('no stream of ours');
    },
  );
});

describe('a stream that goes on behind what is no commit', () => {
  it('is not read past it', async () => {
    const stream = newStream();
    await store.append(stream, commitOf(['a']), 'no-stream');
    await put(subjectOf(stream), { body, isBare: true });
    const forged = { ...head, firstRevision: 2, lastRevision: 2, previous: 2 };
    await put(subjectOf(stream), { body, headers: forged });
    await expect(store.read(stream)).rejects.toMatchObject({ name: 'DamagedStreamError' });
  });

  it('is not read where its commits do not follow each other', async () => {
    const stream = newStream();
    await store.append(stream, commitOf(['a']), 'no-stream');
    const forged = { ...head, firstRevision: 2, lastRevision: 2, previous: 1 };
    await put(subjectOf(stream), { body, headers: forged });
    await expect(store.read(stream)).rejects.toMatchObject({ name: 'DamagedStreamError' });
    const next = await opened();
    await expect(next.append(stream, commitOf(['b']), 0)).rejects.toMatchObject({
      name: 'DamagedStreamError',
    });
  });
});
