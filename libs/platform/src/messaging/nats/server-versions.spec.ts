import { describe, expect, it } from '@jest/globals';
import { recordingLogger } from '@skynet/testing';
import type { NatsLink } from './nats-link.js';
import { checkServerVersion } from './server-versions.js';

/** A link to the server that `at` names last; `move` is a reconnect. */
function linkTo(server: string, version: string, cluster?: string) {
  let now = { server, version };
  let restored = (): void => undefined;
  const connection = {
    get info() {
      return { version: now.version, ...(cluster !== undefined && { cluster }) };
    },
    getServer: () => now.server,
  };
  const link = {
    connection,
    onRestored(listener: () => void) {
      restored = listener;
      return () => undefined;
    },
  } as unknown as NatsLink;
  const move = (toServer: string, toVersion: string) => {
    now = { server: toServer, version: toVersion };
    restored();
  };
  return { link, move };
}

function warnings(server: string, version: string, ...moves: (readonly [string, string])[]) {
  const { log, lines } = recordingLogger();
  const { link, move } = linkTo(server, version);
  checkServerVersion(link, log);
  for (const [toServer, toVersion] of moves) move(toServer, toVersion);
  return lines.map(({ level, message }) => `${level}: ${message}`);
}

const OLD = 'warn: nats-server is older than 2.12: no support, open advisories';
const MIXED = 'warn: nats-servers of several versions are in this cluster';

describe('the version of the server', () => {
  it.each(['2.12.0', '2.15.1', '3.0.0'])('is no news while it is mended: %s', (version) => {
    expect(warnings('a:4222', version)).toEqual([]);
  });

  it.each(['2.9.10', '2.11.16'])('is warned of once when it is no longer: %s', (version) => {
    expect(warnings('a:4222', version, ['a:4222', version])).toEqual([OLD]);
  });

  it('is refused in a cluster when its servers let two writers into one place', () => {
    const { log } = recordingLogger();
    const check = (version: string) => () =>
      checkServerVersion(linkTo('a:4222', version, 'skynet').link, log);
    expect(check('2.9.25')).toThrow('can not keep a log in a cluster: 2.10');
    expect(check('2.10.25')).not.toThrow();
  });

  it.each(['2.8.4', '1.4.1'])('is refused when it is too old to run us: %s', (version) => {
    expect(() => warnings('a:4222', version)).toThrow(`${version} is too old: 2.9 or newer`);
  });
});

describe('a reconnect', () => {
  it('to another server of another minor version is warned of', () => {
    expect(warnings('a:4222', '2.15.1', ['b:4222', '2.14.9'])).toEqual([MIXED]);
  });

  it('to another patch of the same minor version is no news', () => {
    expect(warnings('a:4222', '2.15.1', ['b:4222', '2.15.2'])).toEqual([]);
  });

  it('to the same server after its upgrade is no news', () => {
    expect(warnings('a:4222', '2.14.9', ['a:4222', '2.15.1'], ['b:4222', '2.15.1'])).toEqual([]);
  });
});
