import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { eventually, startNatsServer, type NatsServer } from '@skynet/testing';
import { freePorts } from '../stack/free-ports.js';
import { rerouted, routeIn } from './reroute.js';
import { RouteProxies, type Cut } from './route-proxies.js';

const LIMIT_MS = 60_000;
const NAMES = ['nats', 'nats2', 'nats3'];
const ROUND_TRIPS = 50;

interface Member {
  readonly server: NatsServer;
  readonly connection: NatsConnection;
  readonly heard: string[];
  readonly monitor: number;
}

let proxies: RouteProxies;
let members: Member[];

/** As "skynet up" writes it. */
function configurationOf(name: string, route: number, routes: readonly number[]): string {
  const urls = routes.map((port) => `"nats-route://route:secret@127.0.0.1:${port}"`);
  return [
    `server_name: "${name}"`,
    'cluster {',
    '  name: skynet',
    `  listen: "127.0.0.1:${route}"`,
    '  authorization { user: route, password: "secret", timeout: 5 }',
    `  routes: [${urls.join(', ')}]`,
    '}',
  ].join('\n');
}

async function start(configuration: string, monitor: number): Promise<Member> {
  const http = `http: "127.0.0.1:${monitor}"`;
  const server = await startNatsServer({ configuration: `${configuration}\n${http}` });
  const faithful = { maxReconnectAttempts: -1, ignoreClusterUpdates: true };
  const connection = await connect({ servers: server.url, ...faithful });
  const heard: string[] = [];
  connection.subscribe('said', {
    callback: (_error, message) => void heard.push(message.string()),
  });
  return { server, connection, heard, monitor };
}

beforeAll(async () => {
  const ports = await freePorts(6);
  const [routes, monitors] = [ports.slice(0, 3), ports.slice(3)];
  const known = NAMES.map((name, index) => ({
    name,
    configuration: configurationOf(name, routes[index] ?? 0, routes),
  }));
  const addresses = known.map(({ name, configuration }) => ({
    name,
    route: routeIn(configuration),
  }));
  proxies = await RouteProxies.between(addresses);
  const starts = known.map(({ name, configuration }, index) =>
    start(rerouted(configuration, proxies.addressesFor(name)), monitors[index] ?? 0),
  );
  members = await Promise.all(starts);
}, LIMIT_MS);

afterEach(() => proxies.heal());
afterAll(async () => {
  await Promise.all(members.map(({ connection }) => connection.close()));
  await Promise.all(members.map(({ server }) => server.stop()));
  proxies.close();
}, LIMIT_MS);

interface Routes {
  readonly routes: readonly { readonly remote_name: string; readonly port: number }[];
}

async function routesOf({ monitor }: Member): Promise<Routes['routes']> {
  const answer = await fetch(`http://127.0.0.1:${monitor}/routez`);
  return ((await answer.json()) as Routes).routes;
}

/** Resolves when each hears each. */
async function whenWhole(): Promise<void> {
  const words = members.map(() => crypto.randomUUID());
  await eventually(async () => {
    for (const [index, word] of words.entries()) await say(member(index), word);
    for (const { heard } of members) expect(heard).toEqual(expect.arrayContaining(words));
  }, LIMIT_MS / 2);
}

async function expectNoOtherWay(): Promise<void> {
  for (const member of members) {
    const routes = await routesOf(member);
    expect(new Set(routes.map(({ remote_name: name }) => name)).size).toBe(2);
    for (const { port } of routes) expect(proxies.ports).toContain(port);
  }
}

function member(index: number): Member {
  const found = members[index];
  if (found === undefined) throw new Error(`no member ${index}`);
  return found;
}

/** So many that what has a way has arrived meanwhile. */
async function talk(one: Member, other: Member): Promise<void> {
  const subscription = other.connection.subscribe('asked', {
    callback: (_error, message) => void message.respond('yes'),
  });
  await other.connection.flush();
  await eventually(async () => void (await one.connection.request('asked')), LIMIT_MS / 2);
  for (let left = ROUND_TRIPS; left > 0; left -= 1) await one.connection.request('asked');
  subscription.unsubscribe();
}

async function say(speaker: Member, word: string): Promise<void> {
  speaker.connection.publish('said', word);
  await speaker.connection.flush();
}

async function expectHeard({ heard }: Member, word: string, isHeard: boolean): Promise<void> {
  const holds = () => expect(heard.includes(word)).toBe(isHeard);
  if (isHeard) await eventually(holds, LIMIT_MS / 2);
  else holds();
}

describe('servers that are told addresses of proxies', () => {
  it(
    'know no other way to each other, also when one has come back',
    async () => {
      await whenWhole();
      await expectNoOtherWay();
      await member(2).server.restart();
      await whenWhole();
      await eventually(expectNoOtherWay, LIMIT_MS / 2);
    },
    LIMIT_MS,
  );

  it.each<[Cut, { hears: boolean; isHeard: boolean }]>([
    ['apart', { hears: false, isHeard: false }],
    ['deaf', { hears: false, isHeard: true }],
    ['mute', { hears: true, isHeard: false }],
    ['reset', { hears: false, isHeard: false }],
  ])(
    'one that is %s hears and is heard accordingly, and all are together again afterwards',
    async (cut, { hears, isHeard }) => {
      await whenWhole();
      const [alone, other, third] = [member(0), member(1), member(2)];
      proxies.cut('nats', cut);
      await say(other, `to a server that is ${cut}`);
      await say(alone, `from a server that is ${cut}`);
      await talk(other, third);
      await expectHeard(third, `to a server that is ${cut}`, true);
      await expectHeard(alone, `to a server that is ${cut}`, hears);
      await expectHeard(third, `from a server that is ${cut}`, isHeard);
      proxies.heal();
      await whenWhole();
      await expectNoOtherWay();
      expect(third.heard.includes(`from a server that is ${cut}`)).toBe(cut !== 'reset');
    },
    LIMIT_MS,
  );
});
