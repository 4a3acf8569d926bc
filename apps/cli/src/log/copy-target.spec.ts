import { describe, expect, it } from '@jest/globals';
import { targetEnvironment, type TargetOptions } from './copy-target.js';

const source = { nats: 'nats://here:4222', natsKeyFile: '/keys/here' };
const URL = 'kurrentdb://there:2113?tls=true';
const target = (options: TargetOptions, environment = {}) =>
  targetEnvironment(options, source, environment);

describe('the target of a copy', () => {
  it('is EventStoreDB at the URL that is named, with the NATS of the stack', () => {
    expect(target({ to: 'eventstoredb', toUrl: URL })).toMatchObject({
      EVENT_STORE: 'eventstoredb',
      EVENT_STORE_URL: URL,
      NATS_URL: source.nats,
      NATS_NKEY_FILE: source.natsKeyFile,
    });
  });

  it.each([
    [{ toUrlFile: '/url' }, {}, { EVENT_STORE_URL_FILE: '/url' }],
    [{}, { TO_EVENT_STORE_URL: URL }, { EVENT_STORE_URL: URL }],
    [{}, { TO_EVENT_STORE_URL_FILE: '/url' }, { EVENT_STORE_URL_FILE: '/url' }],
  ])('may have its URL elsewhere: %j %j', (options, environment, expected) => {
    const own = { EVENT_STORE_URL: 'kurrentdb://own:2113', ...environment };
    expect(target({ to: 'eventstoredb', ...options }, own)).toMatchObject(expected);
  });

  it('is another NATS with a key of its own', () => {
    const options = { to: 'jetstream', toNats: 'nats://there:4222', toNatsKey: '/key' } as const;
    expect(target(options)).toMatchObject({
      EVENT_STORE: 'jetstream',
      NATS_URL: 'nats://there:4222',
      NATS_NKEY_FILE: '/key',
    });
  });

  it.each<[TargetOptions, string]>([
    [{ to: 'eventstoredb' }, 'Where is EventStoreDB?'],
    [{ to: 'eventstoredb', toUrl: URL, toUrlFile: '/url' }, 'not both'],
    [{ to: 'eventstoredb', toUrl: 'kurrentdb://a:b@there' }, 'can be read by others'],
    [{ to: 'eventstoredb', toNats: 'nats://x' }, '--to-nats is for'],
  ])('is refused: %j', (options, why) => {
    expect(() => target(options)).toThrow(why);
  });
});
