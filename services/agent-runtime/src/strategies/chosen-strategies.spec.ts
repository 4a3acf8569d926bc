import { describe, expect, it } from '@jest/globals';
import { isRefused, type Refused } from '@skynet/kernel';
import { viewStrategies } from './strategy-views.js';
import { Strategies, type ChosenStrategy } from './strategies.js';

const shipped = new Strategies();

function messageOf(chosen: ChosenStrategy | Refused): string {
  return isRefused(chosen) ? chosen.refused.message : '';
}

describe('a strategy that is asked for', () => {
  it('has all its parameters, as their sender means them', async () => {
    const parameters = { tasks: 'one', atOnce: '2' };
    expect(await shipped.choose({ name: 'parallel', parameters })).toEqual({
      name: 'parallel',
      parameters: { tasks: ['one'], count: 3, atOnce: 2 },
    });
  });

  it.each([
    ['nobody', {}, 'There is no strategy nobody; known: sequential, parallel, map-reduce'],
    ['constructor', {}, 'There is no strategy constructor'],
    ['debate', { round: 2 }, 'The strategy debate takes sides, rounds, criteria'],
    ['debate', { rounds: 99 }, 'Too big'],
    ['parallel', { tasks: [] }, 'Too small'],
    ['best-of-n', { count: 'many' }, 'expected number'],
  ])('is refused with what there is: %s %j', async (name, parameters, message) => {
    expect(messageOf(await shipped.choose({ name, parameters }))).toContain(message);
  });
});

describe('the list of strategies', () => {
  it('says of each what it does, and of each parameter what it is for', () => {
    const all = viewStrategies();
    expect(all.length).toBeGreaterThan(7);
    for (const { about, parameters } of all) {
      expect(about.length).toBeLessThan(80);
      for (const parameter of parameters) expect(parameter.about).toMatch(/^[a-z].*[a-z]$/);
    }
  });
});
