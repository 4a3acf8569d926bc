import { describe, expect, it } from '@jest/globals';
import { provideBubblewrap } from './bubblewrap.mjs';

/** A machine that notes what is asked of it. */
function machine(facts = {}) {
  const did = [];
  const own = {
    isThere: () => false,
    wasAsked: () => false,
    fetch: async () => void did.push('fetched'),
    say: (line) => did.push(line),
    ...facts,
  };
  return { own, did };
}

describe('bubblewrap', () => {
  it('is fetched where it is not', async () => {
    const { own, did } = machine();
    await provideBubblewrap('/', own);
    expect(did).toEqual(['fetched']);
  });

  it.each([['isThere'], ['wasAsked']])('is left alone where %s', async (fact) => {
    const { own, did } = machine({ [fact]: () => true });
    await provideBubblewrap('/', own);
    expect(did).toEqual([]);
  });

  it('that can’t be had is told of and stops nobody', async () => {
    const { own, did } = machine({ fetch: async () => 'no network' });
    await provideBubblewrap('/', own);
    expect(did).toEqual([
      'bubblewrap could not be fetched, tool servers have no sandbox: no network',
    ]);
  });
});
