import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { streams } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { readPlatformSettings, silentLogger, type Logger } from '@skynet/platform';
import { connectNats, JetStreamEventStore, LeanPublisher } from '@skynet/platform/nats';
import { copyLog, openOperatorStores } from '@skynet/platform/operations';
import { createLogger, PlatformModule, providedBy } from '@skynet/platform/service';
import { eventually, startNatsServer, type NatsServer } from '@skynet/testing';
import { createAuthApplication } from './auth-application.js';
import { readAuthConfig } from './config/auth.config.js';
import { AUTH, type Auth } from './auth/auth.js';
import { PasswordHasher } from './principals/password-hasher.js';
import { Browser } from './testing/browser.js';
import { authorizePath, CLI, CLI_REDIRECT, newVerifier } from './testing/oauth-login.js';
import {
  AUDIENCE,
  ISSUER,
  newWorld,
  PASSWORD,
  removeWorld,
  type AuthWorld,
} from './testing/running-auth.js';

let server: NatsServer;
let world: AuthWorld;
const started: NestFastifyApplication[] = [];

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  world = await newWorld();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((application) => application.close()));
  await removeWorld(world);
});

interface Replica {
  readonly application: NestFastifyApplication;
  readonly auth: Auth;
  readonly url: string;
}

async function startReplica(log: Logger = silentLogger): Promise<Replica> {
  const settings = readPlatformSettings({ NATS_URL: server.url });
  const platform = PlatformModule.forRoot({ service: 'auth', settings, log, eventLog: 'auth' });
  const config = readAuthConfig({
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_DATA_FOLDER: world.folder,
  });
  const application = await createAuthApplication(config, platform, {
    log,
    onBug: (error) => {
      throw error;
    },
    hasher: new PasswordHasher({ N: 1_024, r: 8, p: 1 }),
  });
  started.push(application);
  await application.listen(0, '127.0.0.1');
  return { application, auth: providedBy(application, AUTH), url: await application.getUrl() };
}

async function stop(replica: Replica): Promise<void> {
  started.splice(started.indexOf(replica.application), 1);
  await replica.application.close();
}

async function addAlice({ auth }: Replica): Promise<void> {
  const passwordHash = await auth.hasher.hash(PASSWORD);
  const data = { name: 'alice', tenant: 'acme', roles: ['operator' as const], passwordHash };
  const by = { tenant: 'acme', principal: 'boss' };
  await auth.users.execute('alice', { type: 'RegisterUser', data }, by);
}

const token = (replica: Replica, parameters: Record<string, string>) =>
  fetch(`${replica.url}/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: CLI, ...parameters }),
  });

describe('two replicas over NATS', () => {
  it('share users, logins under way, codes and refresh tokens, and keep them over a restart', async () => {
    const [one, other] = [await startReplica(), await startReplica()];
    await addAlice(one);
    await eventually(() => expect(other.auth.users.find('alice')).toBeDefined());

    const verifier = newVerifier();
    const browser = new Browser(ISSUER, one.url);
    await browser.open(authorizePath(verifier));
    browser.moveTo(other.url);
    await browser.submit({ action: 'login', name: 'alice', password: PASSWORD });
    browser.moveTo(one.url);
    const { url } = await browser.submit({ action: 'allow' });
    const code = url.searchParams.get('code') ?? '';

    const redeemed = await token(other, {
      grant_type: 'authorization_code',
      redirect_uri: CLI_REDIRECT,
      code,
      code_verifier: verifier,
    });
    expect(redeemed.status).toBe(200);
    const { refresh_token: first } = (await redeemed.json()) as { refresh_token: string };
    await stop(one);
    await stop(other);

    const later = await startReplica();
    expect(later.auth.users.find('alice')).toMatchObject({ roles: ['operator'] });
    const refresh = { grant_type: 'refresh_token', refresh_token: first };
    expect((await token(later, refresh)).status).toBe(200);
    expect((await token(later, refresh)).status).toBe(400);
  });

  it('give a name to one user only', async () => {
    const replicas = [await startReplica(), await startReplica()];
    const passwordHash = await new PasswordHasher({ N: 1_024, r: 8, p: 1 }).hash(PASSWORD);
    const outcomes = await Promise.all(
      replicas.map(({ auth }, index) => {
        const data = { name: 'bob', tenant: `t${index}`, roles: ['viewer' as const], passwordHash };
        const by = { tenant: 'acme', principal: 'boss' };
        return auth.users.execute('bob', { type: 'RegisterUser', data }, by);
      }),
    );
    expect(outcomes.map(isRefused).toSorted()).toEqual([false, true]);
  });

  it('give a name to a user or to a client, and know of both what the other did', async () => {
    const [one, other] = [await startReplica(), await startReplica()];
    const passwordHash = await new PasswordHasher({ N: 1_024, r: 8, p: 1 }).hash(PASSWORD);
    const by = { tenant: 'acme', principal: 'boss' };
    const shared = { tenant: 'acme', roles: ['viewer' as const] };
    const user = { ...shared, name: 'ci', passwordHash };
    const client = { ...shared, clientId: 'ci', secretHash: passwordHash };
    const outcomes = await Promise.all([
      one.auth.users.execute('ci', { type: 'RegisterUser', data: user }, by),
      other.auth.machines.execute('ci', { type: 'RegisterClient', data: client }, by),
    ]);
    expect(outcomes.map(isRefused).toSorted()).toEqual([false, true]);
    await eventually(async () => {
      for (const { auth } of [one, other]) {
        const found = [auth.users.find('ci'), await auth.machines.find('ci')];
        expect(found.map((each) => each !== undefined)).toEqual(
          outcomes.map((each) => !isRefused(each)),
        );
      }
    });
  });
});

/** Puts users where a release before had them. */
async function asBefore(): Promise<void> {
  const log = silentLogger;
  const link = await connectNats({ url: server.url, name: 'test', log });
  const publisher = new LeanPublisher(link);
  const open = (logStream: string, prefix: string) =>
    JetStreamEventStore.open(link, publisher, { logStream, prefix, log });
  const common = await open(streams.log, 'log');
  await copyLog(await open(streams.authLog, 'authlog'), common);
  await link.connection.request(`$JS.API.STREAM.DELETE.${streams.authLog}`);
  publisher.close();
  await link.close();
}

describe('an installation of a release before', () => {
  it('has no auth that begins without its users: it waits until they are taken over', async () => {
    const before = await startReplica();
    await addAlice(before);
    await stop(before);
    await asBefore();
    const waits = Promise.withResolvers<void>();
    const write = (line: string) => {
      if (line.includes('skynet log upgrade')) waits.resolve();
    };
    const starting = startReplica(createLogger({ level: 'warn', write }));
    await waits.promise;
    const stores = await openOperatorStores(readPlatformSettings({ NATS_URL: server.url }));
    expect(stores.leftBehind).toContain('principal-alice');
    await stores.takeOver();
    await stores.close();
    const { auth } = await starting;
    expect(auth.users.find('alice')).toMatchObject({ roles: ['operator'] });
  });
});
