import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { logInByBrowser } from './browser-login.js';
import { logInByDevice } from './device-login.js';
import { findLoginServer } from './login-server.js';

interface Site {
  readonly origin: string;
  /** What it answers, by path. */
  readonly pages: Map<string, object>;
}

const RESOURCE_METADATA = '/.well-known/oauth-protected-resource/mcp';
const ISSUER_METADATA = '/.well-known/oauth-authorization-server';

let sites: Server[];
let asked: string[];
let edge: Site;
let auth: Site;

async function startSite(): Promise<Site> {
  const pages = new Map<string, object>();
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const page = pages.get(request.url ?? '');
    response
      .writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(page ?? {}));
  });
  sites.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, pages };
}

function metadataOf({ origin }: Site) {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    device_authorization_endpoint: `${origin}/device`,
    revocation_endpoint: `${origin}/revoke`,
    response_types_supported: ['code'],
  };
}

beforeEach(async () => {
  [sites, asked] = [[], []];
  [edge, auth] = [await startSite(), await startSite()];
  auth.pages.set(ISSUER_METADATA, metadataOf(auth));
  says({});
});
afterEach(() => {
  for (const server of sites) {
    server.closeAllConnections();
    server.close();
  }
});

/** The edge describes itself, with some of it changed. */
function says(changes: object): void {
  edge.pages.set(RESOURCE_METADATA, {
    resource: `${edge.origin}/mcp`,
    authorization_servers: [auth.origin],
    scopes_supported: ['agents:read'],
    ...changes,
  });
}

const find = (url = `${edge.origin}/mcp`) => findLoginServer(url);

describe('a server that says who logs people in', () => {
  it('is asked for a token for the URL it was called by', async () => {
    expect(await find()).toMatchObject({
      issuer: auth.origin,
      resource: `${edge.origin}/mcp`,
      scopes: ['agents:read'],
    });
  });

  it.each(['/mcp/', '/mcp#top', '/MCP/../mcp'])('is the same at %s', async (path) => {
    edge.pages.set(`${RESOURCE_METADATA}/`, edge.pages.get(RESOURCE_METADATA) ?? {});
    expect((await find(`${edge.origin}${path}`)).resource).toBe(`${edge.origin}/mcp`);
  });
});

describe('a hostile server gets no token of another one', () => {
  it.each([
    ['calls itself another server', () => 'https://real.example/mcp'],
    ['calls itself another path', ({ origin }: Site) => `${origin}/other`],
    ['calls itself a whole host', ({ origin }: Site) => origin],
    ['hides behind a user name', ({ origin }: Site) => `${origin.replace('//', '//real@')}/mcp`],
    ['calls itself by another query', ({ origin }: Site) => `${origin}/mcp?of=real`],
  ])('when it %s', async (_what, resource) => {
    says({ resource: resource(edge) });
    await expect(find()).rejects.toMatchObject({
      message: `The server at ${edge.origin}/mcp asks for a token for ${resource(edge)}.`,
      next: expect.stringContaining('that URL') as unknown,
    });
  });

  it.each(['authorization_endpoint', 'token_endpoint', 'device_authorization_endpoint'])(
    'when its issuer has the %s of another',
    async (endpoint) => {
      const real = await startSite();
      auth.pages.set(ISSUER_METADATA, {
        ...metadataOf(auth),
        [endpoint]: `${real.origin}/endpoint`,
      });
      await expect(find()).rejects.toMatchObject({
        message: `${auth.origin} sends people and codes to another server: ${real.origin}/endpoint.`,
      });
    },
  );

  it('when its issuer calls itself another', async () => {
    auth.pages.set(ISSUER_METADATA, { ...metadataOf(auth), issuer: 'https://real.example' });
    await expect(find()).rejects.toMatchObject({
      message: expect.stringContaining('does not say who logs people in') as unknown,
    });
  });

  it('when the code that it shows is one of another server', async () => {
    const [server, real] = [await find(), await startSite()];
    const verification = `${real.origin}/device`;
    auth.pages.set('/device', {
      device_code: 'd',
      user_code: 'ABCD-EFGH',
      verification_uri: verification,
    });
    const shown: string[] = [];
    const login = logInByDevice({ ...question(), server, onCode: (page) => shown.push(page) });
    await expect(login).rejects.toMatchObject({
      message: expect.stringContaining(verification) as unknown,
    });
    expect(shown).toEqual([]);
  });

  it('when it sends the browser on to another issuer', async () => {
    const server = await find();
    const onUrl = (url: URL) => {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      const state = url.searchParams.get('state') ?? '';
      const answer = { code: 'of the other', state, iss: 'https://real.example' };
      back.search = new URLSearchParams(answer).toString();
      void fetch(back);
    };
    await expect(logInByBrowser({ ...question(), server, onUrl })).rejects.toThrow(
      'Issuer mismatch',
    );
    expect(asked).not.toContain('/token');
  });
});

function question() {
  const { signal } = new AbortController();
  return { clientId: 'skynet-cli', scope: 'agents:read', signal };
}
