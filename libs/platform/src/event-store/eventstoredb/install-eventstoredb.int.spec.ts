import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { startEventStoreDouble, type EventStoreDouble } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { Secret } from '../../runtime/secret.js';
import { installEventStoreDb } from './install-eventstoredb.js';

let double: EventStoreDouble;

beforeEach(async () => {
  double = await startEventStoreDouble();
});
afterEach(() => double.stop());

const install = (serviceUser: string) =>
  installEventStoreDb({ url: new Secret(double.connectionString), serviceUser, log });

async function written(stream: string): Promise<unknown[]> {
  const data: unknown[] = [];
  const client = KurrentDBClient.connectionString(double.connectionString);
  for await (const { event } of client.readStream(stream)) data.push(event?.data);
  await client.dispose();
  return data;
}

describe('a fresh EventStoreDB', () => {
  it('lets the service read and write, and only administrators delete', async () => {
    expect(await install('skynet')).toBe(true);
    const [settings] = await written('$settings');
    expect(settings).toMatchObject({
      $userStreamAcl: { $r: ['skynet', '$admins'], $w: ['skynet', '$admins'], $d: '$admins' },
      $systemStreamAcl: { $r: '$admins', $w: '$admins' },
    });
    expect(await written('$$$all')).toEqual([{ $acl: { $r: ['skynet', '$admins'] } }]);
  });

  it('is installed once, however often that is asked, until the user changes', async () => {
    await install('skynet');
    expect(await install('skynet')).toBe(false);
    expect(await written('$settings')).toHaveLength(1);
    expect(await install('other')).toBe(true);
    expect(await written('$settings')).toHaveLength(2);
  });
});
