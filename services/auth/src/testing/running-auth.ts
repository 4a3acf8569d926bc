import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import type { Role } from '@skynet/contracts';
import {
  MemoryEventStore,
  MemoryMessageBus,
  MemoryStateStores,
  noAuditTrail,
  noMetrics,
  noTracing,
  systemClock,
  type AuditTrail,
  type Tracing,
} from '@skynet/platform';
import {
  AUDIT_INTAKE,
  AUDIT_TRAIL,
  CLOCK,
  createLogger,
  EVENT_STORE,
  LOGGER,
  MESSAGE_BUS,
  METRICS,
  PLATFORM_CHECKS,
  providedBy,
  STATE_STORES,
  TRACING,
} from '@skynet/platform/service';
import { MemoryAuditIntake } from '@skynet/platform/audit';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { createAuthApplication } from '../auth-application.js';
import { AUTH, type Auth } from '../auth/auth.js';
import { readAuthConfig } from '../config/auth.config.js';
import type { AuthSurroundings } from '../auth.module.js';
import { hashSecret } from '../clients/client-secret.js';
import { writeClients } from '../clients/clients-file.js';
import { PasswordHasher } from '../principals/password-hasher.js';
import { Browser } from './browser.js';

export const ISSUER = 'http://auth.test';
export const AUDIENCE = 'http://edge.test/mcp';
export const PASSWORD = 'correct horse battery';
export const SECRET = 'right:+secret';

/** What replicas share. */
export interface AuthWorld {
  readonly folder: string;
  readonly store: MemoryEventStore;
  readonly states: MemoryStateStores;
  readonly bus: MemoryMessageBus;
  readonly intake: MemoryAuditIntake;
  audit: AuditTrail;
  tracing: Tracing;
  /** Milliseconds that the clock is ahead. */
  aheadMs: number;
}

export async function newWorld(): Promise<AuthWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'skynet-auth-'));
  const secretHash = await hashSecret(SECRET);
  await writeClients(join(folder, 'clients.json'), [
    { clientId: 'builder', secretHash, tenant: 'acme', roles: ['operator', 'viewer'] },
    { clientId: 'brief', secretHash, tenant: 'acme', roles: ['viewer'], accessTokenTtlSeconds: 60 },
    {
      clientId: 'slow',
      secretHash,
      tenant: 'acme',
      roles: ['viewer'],
      accessTokenTtlSeconds: 86_400,
    },
    { clientId: 'boss', secretHash, tenant: 'acme', roles: ['admin'] },
  ]);
  const silent = { audit: noAuditTrail, tracing: noTracing };
  const world = { folder, store: new MemoryEventStore(), ...silent, aheadMs: 0 };
  const clock = { ...systemClock, nowMs: () => Date.now() + world.aheadMs };
  return Object.assign(world, {
    states: new MemoryStateStores(clock),
    bus: new MemoryMessageBus(),
    intake: new MemoryAuditIntake(),
  });
}

export type RunningAuth = Awaited<ReturnType<typeof startAuth>>;

/** The whole service on a free port, over memory; replicas of one world share everything but the process. */
export async function startAuth(
  world: AuthWorld,
  environment: Record<string, string> = {},
  surroundings: Partial<AuthSurroundings> = {},
) {
  const logged: string[] = [];
  const application = await createApplication(world, environment, surroundings, logged);
  await application.listen(0, '127.0.0.1');
  const url = await application.getUrl();
  const auth = providedBy(application, AUTH);
  return {
    application,
    auth,
    logged,
    url,
    browser: () => new Browser(ISSUER, url),
    ...userChanges(auth),
    ...requests(url),
  };
}

async function createApplication(
  world: AuthWorld,
  environment: Record<string, string>,
  surroundings: Partial<AuthSurroundings>,
  logged: string[],
) {
  const clock = { ...systemClock, nowMs: () => Date.now() + world.aheadMs };
  const log = createLogger({ level: 'debug', write: (line) => void logged.push(line) });
  const ports = [
    { provide: EVENT_STORE, useValue: world.store },
    { provide: STATE_STORES, useValue: world.states },
    { provide: AUDIT_TRAIL, useValue: world.audit },
    { provide: CLOCK, useValue: clock },
    { provide: LOGGER, useValue: log },
    { provide: METRICS, useValue: noMetrics },
    { provide: TRACING, useValue: world.tracing },
    { provide: MESSAGE_BUS, useValue: world.bus },
    { provide: AUDIT_INTAKE, useValue: world.intake },
    { provide: PLATFORM_CHECKS, useValue: [] },
  ];
  const platform: DynamicModule = {
    global: true,
    module: class MemoryPlatform {},
    providers: ports,
    exports: ports.map(({ provide }) => provide),
  };
  const config = readAuthConfig({
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_DATA_FOLDER: world.folder,
    ...environment,
  });
  return createAuthApplication(config, platform, {
    log,
    onBug: (error) => {
      throw error;
    },
    hasher: new PasswordHasher({ N: 1_024, r: 8, p: 1 }),
    ...surroundings,
  });
}

function userChanges(auth: Auth) {
  return {
    async addUser(name: string, roles: readonly Role[] = ['operator']): Promise<void> {
      const passwordHash = await auth.hasher.hash(PASSWORD);
      const data = { name, tenant: 'acme', roles, passwordHash };
      await auth.users.execute(name, { type: 'RegisterUser', data }, BY);
    },
    async changeUser(name: string, data: { roles?: readonly Role[]; disabled?: boolean }) {
      await auth.users.execute(name, { type: 'ChangeUser', data }, BY);
    },
    async changePassword(name: string, password: string): Promise<void> {
      const passwordHash = await auth.hasher.hash(password);
      await auth.users.execute(name, { type: 'ChangeUser', data: { passwordHash } }, BY);
    },
  };
}

function requests(url: string) {
  return {
    /** A form posted to an endpoint of OAuth. */
    post: (
      path: string,
      parameters: Record<string, string>,
      headers: Record<string, string> = {},
    ) =>
      answerOf(
        fetch(`${url}${path}`, { method: 'POST', headers, body: new URLSearchParams(parameters) }),
      ),
    register: (metadata: object) =>
      answerOf(
        fetch(`${url}/register`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(metadata),
        }),
      ),
    async claims(token: string, audience = AUDIENCE) {
      const jwks = (await (await fetch(`${url}/jwks`)).json()) as JSONWebKeySet;
      const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
        issuer: ISSUER,
        audience,
        algorithms: ['ES256'],
        typ: 'at+jwt',
      });
      return payload;
    },
  };
}

const BY = { tenant: 'acme', principal: 'boss' };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, string>;
}

async function answerOf(responding: Promise<Response>): Promise<Answer> {
  const response = await responding;
  const body = (await response.json()) as Record<string, string>;
  return { status: response.status, headers: response.headers, body };
}

export function basic(clientId: string, secret: string): Record<string, string> {
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

export async function removeWorld({ folder }: AuthWorld): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
