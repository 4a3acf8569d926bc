import { describe, expect, it } from '@jest/globals';
import { extentOf, extentOfSlow } from './extent.js';

describe('how much is measured', () => {
  it('is less, and without backlogs, when it must be quick', () => {
    const [whole, quick] = [extentOf({}), extentOf({ quick: true })];
    expect(whole).toMatchObject({ inFlight: 50, queued: 10_000, backlog: 500 });
    expect(quick).toMatchObject({ inFlight: 50, queued: 0, backlog: 0 });
    expect(quick.trees).toBeLessThan(whole.trees);
  });

  it('follows the number of trees that is asked for', () => {
    expect(extentOf({ trees: 1_000 })).toMatchObject({ ...extentOf({}), trees: 1_000 });
    expect(extentOf({ trees: 4 })).toMatchObject({ trees: 4, aloneTrees: 4, warmUpTrees: 4 });
  });

  it('is never more for a slow system', () => {
    const quick = extentOf({ quick: true, trees: 3 });
    expect(extentOfSlow(quick)).toEqual(quick);
    expect(extentOfSlow(extentOf({}))).toMatchObject({ trees: 50, queued: 0, backlog: 0 });
  });
});
