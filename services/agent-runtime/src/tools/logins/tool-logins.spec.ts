import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@skynet/platform';
import { ManualClock, RecordingAuditTrail } from '@skynet/testing';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import { aRegistry, aServer } from '../../testing/registries.js';
import { ServerLogins } from './server-logins.js';
import { logInToTools } from './tool-logins.js';

const registry = aRegistry({
  servers: { crm: aServer(), own: aServer({ headers: { authorization: 'Bearer x' } }) },
  refused: { 'servers.web': 'the variable KEY is not set' },
});

let folder: string;
let audit: RecordingAuditTrail;
let logins: ServerLogins;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-logins-'));
  audit = new RecordingAuditTrail();
  const secrets = new KnownSecrets();
  secrets.know(['of-the-operator']);
  logins = new ServerLogins({ folder, clock: new ManualClock(), log: silentLogger, secrets });
});
afterEach(() => rmSync(folder, { recursive: true }));

const means = () => ({ logins, registry, audit });
const forget = (server: string) => logInToTools({ step: 'forget', server, by: 'eve' }, means());

describe('a step of a login that an operator asks for', () => {
  it('is answered, and leaves a record with who asked', async () => {
    expect(await forget('crm')).toEqual({ wasLoggedIn: false });
    const target = { kind: 'server', id: 'crm' };
    const act = { act: 'tool-login', principal: 'operator:eve', target, outcome: 'allowed' };
    expect(audit.acts).toEqual([{ ...act, details: { step: 'forget' } }]);
  });

  it.each(['crm', 'none', 'web', 'own', 'toString'])(
    'forgets by the name alone, whatever the registry has of it: %s',
    async (server) => {
      const login = { version: 1, url: 'https://crm.example/mcp', issuer: 'https://id.example' };
      const more = { client: { client_id: 'skynet' }, atMs: 1 };
      writeFileSync(join(folder, `${server}.json`), JSON.stringify({ ...login, ...more }));
      writeFileSync(join(folder, `${server}.pending`), '{}');
      expect(await forget(server)).toEqual({ wasLoggedIn: true });
      expect(readdirSync(folder)).toEqual([]);
      expect(await forget(server)).toEqual({ wasLoggedIn: false });
    },
  );

  it.each(['', '../x', 'x'.repeat(9_000)])(
    'forgets nothing where no such name can be',
    async (server) => expect(await forget(server)).toEqual({ wasLoggedIn: false }),
  );

  it.each([
    ['none', 'there is no tool server none'],
    ['web', 'web is left out of the registry: the variable KEY is not set'],
    ['own', 'nobody logs in to own: it gets its token by oauth or headers of its entry'],
    ['toString', 'there is no tool server toString'],
  ])('is refused where nobody logs in: %s', async (server, reason) => {
    const brought = { state: 'x', code: 'y' };
    const { refused } = await logInToTools({ step: 'end', server, brought }, means());
    expect(refused).toContain(reason);
    expect(audit.acts).toMatchObject([{ outcome: 'failed', reason: refused }]);
  });

  it('is refused with the reason of the network, without keys', async () => {
    const step = { step: 'begin', server: 'crm', redirectUrl: 'http://127.0.0.1:1/callback' };
    const { refused } = await logInToTools({ ...step, step: 'begin' }, means());
    expect(refused).toMatch(/ECONNREFUSED|fetch failed|bad port/);
    const brought = { state: 'of-the-operator' };
    const ended = await logInToTools({ step: 'end', server: 'crm', brought }, means());
    expect(ended).toEqual({ refused: 'no login to it is under way, or it has taken too long' });
  });
});
