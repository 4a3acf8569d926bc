import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isRefused } from '@skynet/kernel';
import { ManualClock } from '@skynet/testing';
import { PlayedStrategies } from '../testing/played-strategies.js';
import { aRegistry } from '../testing/registries.js';
import { Strategies } from './strategies.js';

const TWICE = `export default {
  about: 'does it twice',
  parameters: { times: { about: 'how often', default: 2 }, tone: { about: 'of voice' } },
  next({ steps, parameters: { times }, task }) {
    if (steps.length > 0) return { kind: 'say', text: steps[0].results.map((one) => one.text).join() };
    const parts = Array.from({ length: times }, (_, at) => ({
      key: String(at), title: 'go ' + at, text: 'part ' + at + ' of ' + task,
    }));
    return { kind: 'spawn', stage: 'go', reason: 'Twice.', parts, limits: { tokens: 20000 } };
  },
};`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strategy-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function registryWith(source: string) {
  writeFileSync(join(folder, 'mine.mjs'), source);
  return { folder, strategies: { mine: { module: './mine.mjs' } } };
}

async function refusalOf(source: string, parameters = {}): Promise<string> {
  const strategies = new Strategies(aRegistry(registryWith(source)));
  const chosen = await strategies.choose({ name: 'mine', parameters });
  return isRefused(chosen) ? chosen.refused.message : 'chosen';
}

describe('a strategy that is a module of the registry', () => {
  it('has parameters of the kinds of their defaults', async () => {
    const strategies = new Strategies(aRegistry(registryWith(TWICE)));
    expect(await strategies.choose({ name: 'mine', parameters: { times: '3' } })).toEqual({
      name: 'mine',
      parameters: { times: 3 },
    });
    expect(await refusalOf(TWICE, { time: 3 })).toContain('The strategy mine takes times, tone');
  });

  it.each([
    ['export const x = 1;', 'its default export is no strategy'],
    ['export default { about: "x" };', 'its default export has no function next'],
    ['throw new Error("broken");', 'broken'],
    ['export default {', 'The strategy mine can not be used'],
  ])('refuses the spawn when it is none: %s', async (source, why) => {
    expect(await refusalOf(source)).toContain(why);
  });

  it('is named among those that there are, and does not take the place of one that is shipped', async () => {
    const { folder: where, strategies } = registryWith(TWICE);
    const both = { folder: where, strategies: { ...strategies, debate: { module: 'no.mjs' } } };
    const all = new Strategies(aRegistry(both));
    expect(JSON.stringify(await all.choose({ name: 'yours' }))).toContain('tree-of-thought, mine');
    expect(await all.choose({ name: 'debate' })).toMatchObject({ parameters: { rounds: 2 } });
  });
});

describe('an agent with such a strategy', () => {
  let play: PlayedStrategies | undefined;
  afterEach(() => play?.end());

  async function run(source: string) {
    play = await PlayedStrategies.start(new ManualClock(), registryWith(source));
    return play.run({ name: 'mine' });
  }

  it('does as the module says, and is verified', async () => {
    const { agentId, ...ran } = await run(TWICE);
    expect(ran).toMatchObject({
      status: 'completed',
      children: 2,
      reasons: ['Twice.', ran.output],
    });
    expect(ran.output).toContain('done: part 1 of count the stars');
    const verification = await play?.verified(agentId);
    expect(verification).not.toHaveProperty('divergence');
    expect(verification?.answers).toMatchObject({ checked: 2 });
  });

  it.each([
    ['return 7', 'it said what is no turn'],
    ['return { kind: "spawn", stage: "a", reason: "b", parts: [] }', 'it said what is no turn'],
    ['throw new Error("no idea")', 'The strategy mine broke: no idea'],
    ['return { kind: "think", stage: "a", reason: "b", instruction: "c" }', 'took 500 turns'],
  ])('fails with the reason when the module does this: %s', async (body, why) => {
    const { agentId, status } = await run(`export default { about: 'x', next() { ${body}; } };`);
    expect(status).toBe('failed');
    const row = await play?.world.row(agentId);
    expect(row?.failure).toMatchObject({ reason: 'MODEL_FAILED', retryable: false });
    expect(row?.failure?.message).toContain(why);
  });
});
