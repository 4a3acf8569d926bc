import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentCommandSchemas, buckets, subjects } from '@skynet/contracts';
import {
  commitOf,
  eventually,
  newStream,
  startKeyedNatsServer,
  type KeyedNatsServer,
} from '@skynet/testing';
import { JetStreamEventStore } from '../event-store/jetstream-event-store.adapter.js';
import { silentLogger as log } from '../runtime/logger.js';
import { createLogger } from '../telemetry/pino-logger.adapter.js';
import { NatsKvStateStores } from '../state/nats-kv-state-stores.adapter.js';
import { installStores } from '../nest/install-stores.js';
import { ensureStreams } from '../messaging/jetstream/jetstream-streams.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import { NatsMessageBus } from '../messaging/nats/nats-message-bus.adapter.js';
import { createNkey } from '../messaging/nats/nkeys.js';
import { natsUsers, permissionsOf, type NatsUser } from './service-permissions.js';

let server: KeyedNatsServer;

const connectAs = (user: NatsUser) => server.connectAs(user);
const refusals = (user: NatsUser, subjects: readonly string[]) => server.refusals(user, subjects);

/** What the server answers to a publish: undefined when it lets it through. */
async function refusal(user: NatsUser, subject: string): Promise<string | undefined> {
  return (await refusals(user, [subject]))[0];
}

beforeAll(async () => {
  server = await startKeyedNatsServer();
  await installStores(server.settings);
});
afterAll(() => server.stop());

describe('a nats-server with our configuration', () => {
  it('lets nobody in without a key', async () => {
    await expect(connectNats({ url: server.url, name: 'nobody', log })).rejects.toMatchObject({
      retry: 'never',
    });
    const nkeySeed = createNkey().seed;
    const stranger = connectNats({ url: server.url, name: 'auth', nkeySeed, log });
    await expect(stranger).rejects.toMatchObject({ retry: 'never' });
  });

  it.each(natsUsers)(
    'lets %s start: streams, log, buckets as far as it uses them',
    async (user) => {
      const link = await connectAs(user);
      const publisher = new LeanPublisher(link);
      await ensureStreams(link.connection);
      await publisher.publish(subjects.health(user), '{}');
      if (user !== 'mcp-edge') {
        const names =
          user === 'auth'
            ? { logStream: 'AUTHLOG', prefix: 'authlog' }
            : { logStream: 'LOG', prefix: 'log' };
        const options = { ...names, log };
        const store = await JetStreamEventStore.open(link, publisher, options);
        const subscription = await store.subscribe({}, () => undefined);
        await subscription.caughtUp;
        await store.close();
      }
      publisher.close();
    },
  );
});

describe('the edge', () => {
  it.each([
    'log.agent.x',
    'run.default.x',
    'cmd.agents.AdmitAgents',
    '$KV.agents.x',
    '$KV.agents_b.x',
    '$KV.checkpoints.x',
    'view.agent.x',
    '_INBOX.agent-runtime.x',
    '$JS.API.STREAM.DELETE.LOG',
    '$JS.API.STREAM.UPDATE.CMD',
    '$JS.API.CONSUMER.CREATE.LOG',
  ])('may not publish %s', async (subject) => {
    expect(await refusal('mcp-edge', subject)).toContain('ermissions');
  });

  it('reads rows and can not write them', async () => {
    const runtime = await connectAs('agent-runtime');
    const own = new NatsKvStateStores(runtime, new LeanPublisher(runtime), { log });
    await (await own.open<string>('agents')).put('a', 'row');
    const edge = await connectAs('mcp-edge');
    const publisher = new LeanPublisher(edge, { ackTimeoutMs: 200 });
    const stores = new NatsKvStateStores(edge, publisher, { log });
    const rows = await stores.open<string>('agents');
    expect((await rows.get('a'))?.value).toBe('row');
    await expect(rows.put('a', 'forged')).rejects.toThrow();
    expect((await rows.get('a'))?.value).toBe('row');
  });

  it('hears no answer that is meant for another', async () => {
    const edge = await connectAs('mcp-edge');
    const auth = await connectAs('auth');
    const inbox = new NatsMessageBus(auth, new LeanPublisher(auth), log).openInbox(() => undefined);
    expect(inbox.subject).toMatch(/^_INBOX\.auth\./);
    const heard = edge.connection.subscribe('_INBOX.auth.>');
    expect(await heard.closed).toMatchObject({
      message: expect.stringContaining('ermissions'),
    });
  });
});

describe.each([
  ['a rebuild of the projections', subjects.rebuildProjections],
  ['a check of the views', subjects.checkViews],
  ['what is forgotten', subjects.retention],
  ['a list of tool servers', subjects.toolServers],
  ['a list of templates', subjects.templates],
  ['an approval of changed tools', subjects.approveTools],
  ['a login to a tool server', subjects.toolLogins],
  ['a list of model providers', subjects.modelProviders],
])('%s', (_name, subject) => {
  it.each(['mcp-edge', 'scheduler', 'auth', 'agent-runtime'] as const)(
    'is not for %s to ask for',
    async (user) => {
      expect(await refusal(user, subject)).toContain('ermissions');
    },
  );

  it('is asked for by operators', async () => {
    expect(await refusal('operator', subject)).toBeUndefined();
  });
});

describe('a call that is called off', () => {
  const { calledOff } = subjects;

  it.each(['agent-runtime', 'scheduler', 'auth'] as const)(
    'is not for %s to tell',
    async (user) => {
      expect(await refusal(user, calledOff)).toContain('ermissions');
    },
  );

  it.each(['agent-runtime', 'scheduler', 'auth'] as const)(
    'is not for %s to hear',
    async (user) => {
      const { connection } = await connectAs(user);
      expect(await connection.subscribe(calledOff).closed).toMatchObject({
        message: expect.stringContaining('ermissions'),
      });
    },
  );

  it('is told by one edge to the others', async () => {
    const [one, other] = [await connectAs('mcp-edge'), await connectAs('mcp-edge')];
    const heard = new Promise((resolve) => {
      new NatsMessageBus(other, new LeanPublisher(other), log).onHint(calledOff, ({ data }) =>
        resolve(data),
      );
    });
    await other.roundTrip();
    new NatsMessageBus(one, new LeanPublisher(one), log).hint(calledOff, { call: 'x' });
    expect(await heard).toEqual({ call: 'x' });
  });
});

describe('the log', () => {
  const openLogAs = async (user: NatsUser) => {
    const link = await connectAs(user);
    const options = { logStream: 'LOG', prefix: 'log', log };
    return JetStreamEventStore.open(link, new LeanPublisher(link), options);
  };
  const services = natsUsers.filter((user) => user !== 'operator');
  const rights = ['UPDATE', 'DELETE', 'PURGE', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE'];
  const isOfOwner = (right: string, user: string) => right === 'PURGE' && user === 'agent-runtime';
  const table = services
    .flatMap((user) => rights.map((right) => [right, user] as const))
    .filter(([right, user]) => !isOfOwner(right, user));

  it.each(table)('has no %s for %s', async (right, user) => {
    expect(await refusal(user, `$JS.API.STREAM.${right}.LOG`)).toContain('ermissions');
  });

  it('loses streams of ended agents to agent-runtime, and to no other service', async () => {
    const stream = newStream();
    const asOwner = await openLogAs('agent-runtime');
    await asOwner.append(stream, commitOf(['a']), 'no-stream');
    const never = { name: 'WorldError', retry: 'never' };
    const asScheduler = await openLogAs('scheduler');
    await expect(asScheduler.deleteStream(stream, 0)).rejects.toMatchObject(never);
    await asOwner.deleteStream(stream, 0);
    expect(await asScheduler.read(stream)).toEqual([]);
  });

  it('is changed by operators', async () => {
    expect(await refusal('operator', '$JS.API.STREAM.UPDATE.LOG')).toBeUndefined();
  });

  it('is used by services as it is, which they say, until an operator opens it', async () => {
    const logStream = 'LOG';
    const open = async (user: NatsUser) => {
      const lines: string[] = [];
      const told = createLogger({ level: 'warn', write: (line) => void lines.push(line) });
      const link = await connectAs(user);
      const publisher = new LeanPublisher(link);
      const options = { logStream, prefix: 'log', log: told };
      await (await JetStreamEventStore.open(link, publisher, options)).close();
      publisher.close();
      return lines;
    };
    await open('operator');
    expect(await open('scheduler')).toEqual([]);
    const manager = await jetstreamManager((await connectAs('operator')).connection);
    await manager.streams.update(logStream, { allow_direct: false });
    const [line, ...more] = await open('scheduler');
    expect(line).toContain('skynet log doctor');
    expect(line).toContain('allow_direct');
    expect(more).toEqual([]);
    expect((await manager.streams.info(logStream)).config.allow_direct).toBe(false);
    expect(await open('operator')).toEqual([]);
    expect(await open('scheduler')).toEqual([]);
  });
});

describe('the log of auth', () => {
  const others = natsUsers.filter((user) => user !== 'operator' && user !== 'auth');
  const reading = [
    '$JS.API.CONSUMER.CREATE.AUTHLOG',
    '$JS.API.CONSUMER.CREATE.AUTHLOG.reader.authlog.principal.x',
    '$JS.API.CONSUMER.DURABLE.CREATE.AUTHLOG.reader',
    '$JS.API.CONSUMER.MSG.NEXT.AUTHLOG.reader',
    '$JS.API.DIRECT.GET.AUTHLOG',
    '$JS.API.DIRECT.GET.AUTHLOG.authlog.principal.x',
    '$JS.API.STREAM.MSG.GET.AUTHLOG',
  ];
  const writing = ['authlog.principal.x', 'log.principal.x', 'authlog.audit.1'];
  const table = others.flatMap((user) =>
    [...reading, ...writing].map((subject) => [user, subject] as const),
  );

  it.each(table)('is nothing for %s: %s', async (user, subject) => {
    expect(await refusal(user, subject)).toContain('ermissions');
  });

  it.each(['UPDATE', 'DELETE', 'PURGE', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE'])(
    'has no %s for a service',
    async (right) => {
      for (const user of [...others, 'auth' as const])
        expect(await refusal(user, `$JS.API.STREAM.${right}.AUTHLOG`)).toContain('ermissions');
    },
  );

  it.each([
    'log.principal.x',
    'log.agent.x',
    '$JS.API.CONSUMER.CREATE.LOG',
    '$JS.API.DIRECT.GET.LOG',
    '$JS.API.STREAM.MSG.GET.LOG',
  ])('is all that auth has: not %s', async (subject) => {
    expect(await refusal('auth', subject)).toContain('ermissions');
  });
});

describe('acts on their way to the audit trail', () => {
  const services = natsUsers.filter((user) => user !== 'operator');
  const others = services.filter((user) => user !== 'auth');

  it.each(services.flatMap((user) => natsUsers.map((as) => [user, as] as const)))(
    'are told by %s in the name of %s only when that is its own',
    async (user, as) => {
      const isOwn = user === as;
      expect((await refusal(user, subjects.audit(as))) === undefined).toBe(isOwn);
    },
  );

  it.each(
    others.flatMap((user) =>
      [
        '$JS.API.STREAM.PURGE.AUDIT',
        '$JS.API.STREAM.MSG.DELETE.AUDIT',
        '$JS.API.STREAM.MSG.GET.AUDIT',
        '$JS.API.CONSUMER.CREATE.AUDIT',
        'log.audit.0',
        subjects.auditQuery('search'),
        subjects.auditQuery('page'),
        subjects.auditQuery('head'),
      ].map((subject) => [user, subject] as const),
    ),
  )('are not for %s to read, forget or forge: %s', async (user, subject) => {
    expect(await refusal(user, subject)).toContain('ermissions');
  });

  it.each(['UPDATE', 'DELETE', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE'])(
    'are not for auth to %s',
    async (right) => {
      expect(await refusal('auth', `$JS.API.STREAM.${right}.AUDIT`)).toContain('ermissions');
    },
  );

  it('are answered about to the edge and to operators', async () => {
    const auth = await connectAs('auth');
    const bus = new NatsMessageBus(auth, new LeanPublisher(auth), log);
    const stop = bus.serve(subjects.auditQuery('list'), 'auth', async () => 'answered');
    for (const user of ['mcp-edge', 'operator'] as const) {
      const link = await connectAs(user);
      const asking = new NatsMessageBus(link, new LeanPublisher(link), log);
      expect(await asking.request(subjects.auditQuery('list'), {})).toBe('answered');
    }
    stop();
  });
});

describe('what is kept in buckets', () => {
  const writers: Readonly<Record<string, readonly NatsUser[]>> = {
    ...{ agents: ['agent-runtime'], agents_b: ['agent-runtime'], snapshots: ['agent-runtime'] },
    ...{
      payloads: ['mcp-edge', 'agent-runtime'],
      'tool-pins': ['agent-runtime'],
      notes: ['agent-runtime'],
      schedule: ['scheduler'],
    },
    // Both lead by leases, and each keeps its own checkpoints.
    ...{ leases: ['agent-runtime', 'scheduler'], 'worker-leases': ['agent-runtime', 'scheduler'] },
    checkpoints: ['agent-runtime'],
    ...{ oidc: ['auth'], 'oidc-brief': ['auth'], 'oidc-strangers': ['auth'] },
    ...{ 'auth-attempts': ['auth'], revocations: ['auth'], 'a-new-one': [] },
  };

  it.each(natsUsers.filter((user) => user !== 'operator'))(
    'is written by %s where it is its own, and nowhere else',
    async (user) => {
      const buckets = Object.keys(writers);
      const refused = await refusals(
        user,
        buckets.map((bucket) => `$KV.${bucket}.x`),
      );
      const named = buckets.filter((bucket) =>
        refused.some((message) => message.includes(`"$KV.${bucket}.x"`)),
      );
      expect(named).toEqual(buckets.filter((bucket) => writers[bucket]?.includes(user) !== true));
    },
  );
});

describe('pinned definitions of tools', () => {
  it.each(['mcp-edge', 'scheduler', 'auth'] as const)('are not for %s to write', async (user) => {
    expect(await refusal(user, '$KV.tool-pins.files')).toContain('ermissions');
  });

  it('are written by agent-runtime', async () => {
    expect(await refusal('agent-runtime', '$KV.tool-pins.files')).toBeUndefined();
  });
});

describe('schedules', () => {
  it.each(['agent-runtime', 'auth'] as const)('are not for %s to ask about', async (user) => {
    for (const question of ['create', 'list', 'cancel'])
      expect(await refusal(user, subjects.schedules(question))).toContain('ermissions');
  });

  it.each(['mcp-edge', 'agent-runtime', 'auth'] as const)(
    'are not for %s to write',
    async (user) => {
      expect(await refusal(user, 'log.schedule.x')).toContain('ermissions');
    },
  );
});

describe('revocations', () => {
  it.each(['mcp-edge', 'scheduler', 'agent-runtime'] as const)(
    'are not for %s to write',
    async (user) => {
      expect(await refusal(user, '$KV.revocations.token.x')).toContain('ermissions');
    },
  );

  it('are made and written by auth, and followed by the edge', async () => {
    const auth = await connectAs('auth');
    const written = new NatsKvStateStores(auth, new LeanPublisher(auth), { log });
    const own = await written.open<string>(buckets.revocations.bucket, buckets.revocations);
    const edge = await connectAs('mcp-edge');
    const stores = new NatsKvStateStores(edge, new LeanPublisher(edge), { log });
    const heard: string[] = [];
    const stop = await (
      await stores.open<string>(buckets.revocations.bucket, buckets.revocations)
    ).watch('', (key) => heard.push(key));
    await own.put('token/x', 'now');
    await eventually(() => expect(heard).toEqual(['token/x']));
    await stop();
  });
});

describe('commands', () => {
  const sendersOf = (type: string) => {
    const subject = subjects.command('agents', type);
    return natsUsers.filter((user) => permissionsOf(user).publish.includes(subject));
  };
  const others = Object.keys(agentCommandSchemas).filter((type) => type !== 'SpawnAgent');

  it.each(others)('%s is sent by one service only', (type) => {
    expect(sendersOf(type)).toHaveLength(1);
  });

  it('SpawnAgent is sent for clients, and for schedules', () => {
    expect(sendersOf('SpawnAgent')).toEqual(['mcp-edge', 'scheduler']);
  });
});
