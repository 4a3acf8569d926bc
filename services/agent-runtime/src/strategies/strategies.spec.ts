import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { PlayedStrategies, type Asked, type Played } from '../testing/played-strategies.js';

let play: PlayedStrategies;

beforeEach(async () => {
  play = await PlayedStrategies.start(new ManualClock());
});
afterEach(() => play.end());

const NAMES = [
  ...['sequential', 'parallel', 'map-reduce', 'plan-execute'],
  ...['best-of-n', 'debate', 'router', 'tree-of-thought'],
];

const fails = (which: string) => (asked: Asked) =>
  asked.task.startsWith(which) ? 'FAIL' : `done: ${asked.task}`;

async function expectVerified({ agentId }: Played): Promise<void> {
  const verification = await play.verified(agentId);
  expect(verification).not.toHaveProperty('divergence');
  expect(verification?.answers.checked).toBeGreaterThan(0);
}

/** For whoever asks for a list of parts. */
const list = (...parts: string[]) => JSON.stringify(parts);
const isAsking = ({ task }: Asked) => task.includes('Answer with JSON alone: an array');

describe('parallel', () => {
  const parts = { name: 'parallel', parameters: { tasks: ['part 1', 'part 2'] } };

  it('gives each part to an agent at the same time, and joins what they bring', async () => {
    const run = await play.run(parts);
    expect(run).toMatchObject({ status: 'completed', children: 2 });
    expect(run.output).toContain('done: part 1');
    expect(run.output).toContain('done: part 2');
    expect(run.reasons[0]).toMatch(/^Parts: 2 to do, 2 at once, each at most 1\/3 of what is left/);
    await expectVerified(run);
  });

  it('names in its answer what has failed, and why', async () => {
    const run = await play.run(parts, { part: fails('part 1'), own: () => 'All is well.' });
    expect(run.status).toBe('completed');
    expect(run.output).toBe(
      'All is well.\n\nMissing:\n- 1. part 1: failed (MODEL_FAILED: told to fail)',
    );
    await expectVerified(run);
  });

  it('gives the whole task to each of its roles', async () => {
    const roles = {
      name: 'parallel',
      parameters: { roles: ['part-time poet', 'part-time judge'] },
    };
    const run = await play.run(roles, { whole: /poet|judge/ });
    const asked = run.asked.map(({ task }) => task);
    expect(asked.filter((task) => task.includes('count the stars'))).toHaveLength(3);
  });

  it('asks its model for the parts, and once more when it can not read them', async () => {
    let tries = 0;
    const own = (asked: Asked) => {
      if (!isAsking(asked)) return 'joined';
      tries += 1;
      return tries === 1 ? 'I would rather not.' : `Sure:\n1. part a\n2. part b`;
    };
    const run = await play.run({ name: 'parallel' }, { own });
    expect(run).toMatchObject({ status: 'completed', output: 'joined', children: 2 });
    expect(run.reasons).toContain('Asks for parts once more: none could be read.');
    await expectVerified(run);
  });

  it('takes the whole task as one part when there is no list twice, and only as many as were asked for', async () => {
    const whole = await play.run({ name: 'parallel' }, { own: () => 'no', whole: /^count/ });
    expect(whole).toMatchObject({ status: 'completed', children: 1 });
    const many = list('part 1', 'part 2', 'part 3', 'part 4', 'part 5');
    const own = (asked: Asked) => (isAsking(asked) ? many : 'joined');
    const cut = await play.run({ name: 'parallel', parameters: { count: 3 } }, { own });
    expect(cut.children).toBe(3);
    expect(cut.output).toContain('2 parts more than were asked for');
  });

  it('is told what was said meanwhile, and so are the agents below it', async () => {
    const one = { name: 'parallel', parameters: { tasks: ['part 1', 'part 2'], atOnce: 1 } };
    let isSaid = false;
    const part = async (asked: Asked) => {
      if (!isSaid) await play.say('Count the moons, too.');
      isSaid = true;
      return asked.task;
    };
    const run = await play.run(one, { part });
    expect(run.asked.at(1)?.task).toContain('Count the moons, too.');
    expect(run.output).toContain(
      '### Said meanwhile\n\nMessage from the user:\nCount the moons, too.',
    );
    await expectVerified(run);
  });

  it('has an answer that fits its schema, and no other words in it', async () => {
    const outputSchema = { type: 'array' };
    let answers = 0;
    const own = () => {
      answers += 1;
      return answers === 1 ? 'no JSON' : '[1]';
    };
    const run = await play.run(parts, { own, part: fails('part 1') }, { outputSchema });
    expect(run).toMatchObject({ status: 'completed', output: '[1]' });
    expect(run.asked.at(-1)?.task).toMatch(/Your last answer\n\nno JSON/);
    expect(run.asked.at(0)?.task).not.toContain('JSON Schema');
    await expectVerified(run);
  });
});

describe('map-reduce', () => {
  const items = Array.from({ length: 7 }, (_, at) => `thing ${at + 1}`);
  const operation = 'part of it';
  const whole = /Do this to each/;

  it('gives the items out in waves of groups', async () => {
    const parameters = { items, operation, group: 2, atOnce: 3 };
    const run = await play.run({ name: 'map-reduce', parameters }, { whole });
    expect(run).toMatchObject({ status: 'completed', children: 4 });
    expect(run.reasons[0]).toMatch(/^Groups of 2: 4 to do, 3 at once, each at most 1\/6 /);
    for (const item of items) expect(run.output).toContain(item);
    await expectVerified(run);
  });

  it('joins many results in levels', async () => {
    const parameters = { items, operation, group: 1, joinAtOnce: 3 };
    const run = await play.run(
      { name: 'map-reduce', parameters },
      { whole: /Do this to each|Join the results/, part: ({ task }) => task.slice(0, 40) },
    );
    expect(run).toMatchObject({ status: 'completed', children: 10 });
    expect(run.reasons.some((reason) => reason.startsWith('Joins, level 1: 3 to do'))).toBe(true);
    await expectVerified(run);
  });

  it('makes larger groups when there is not budget for all of them', async () => {
    const parameters = { items, operation, group: 1 };
    const run = await play.run(
      { name: 'map-reduce', parameters },
      { whole },
      { limits: { tokens: 50_000 } },
    );
    expect(run.status).toBe('completed');
    expect(run.children).toBeLessThan(7);
    expect(run.reasons[0]).toMatch(/^Groups of 3 instead of 1 items: 3 to do/);
    for (const item of items) expect(run.output).toContain(item);
    await expectVerified(run);
  });

  it('goes on without the group that has failed, and names it', async () => {
    const parameters = { items, operation, group: 4 };
    const part = ({ task }: Asked) => (task.includes('thing 7') ? 'FAIL' : 'done');
    const run = await play.run(
      { name: 'map-reduce', parameters },
      { whole, part, own: () => 'so' },
    );
    expect(run.output).toBe('so\n\nMissing:\n- items 5-7: failed (MODEL_FAILED: told to fail)');
  });
});

describe('sequential', () => {
  it('tells each step what came of those before, also that it failed', async () => {
    const steps = ['part 1', 'part 2', 'part 3'];
    const run = await play.run(
      { name: 'sequential', parameters: { steps } },
      { part: fails('part 2') },
    );
    const third = run.asked.find(({ task }) => task.startsWith('part 3'))?.task;
    expect(third).toContain('done: part 1');
    expect(third).toContain('It failed: failed (MODEL_FAILED: told to fail)');
    expect(run).toMatchObject({ status: 'completed', children: 3 });
    expect(run.output).toContain('Missing:\n- 2. part 2: failed');
    await expectVerified(run);
  });

  it('lets the model say what there is when the budget is used up', async () => {
    const strategy = { name: 'sequential', parameters: { steps: ['part 1'] } };
    const limits = { tokens: 40_000 };
    const own = ({ task }: Asked) => (task.includes('budget is used up') ? 'so far' : 'all');
    const ends: string[] = [];
    // What a request weighs is not told: one of these sizes leaves room for a last word only.
    for (let bytes = 25_000; bytes < 40_000; bytes += 400) {
      const run = await play.run(strategy, { own, part: () => 'x'.repeat(bytes) }, { limits });
      ends.push(`${run.status}: ${run.output}`);
      if (run.output === 'so far') await expectVerified(run);
    }
    expect(ends[0]).toBe('completed: all');
    expect(ends).toContain('exhausted: so far');
  });
});

describe('plan-execute', () => {
  it('plans anew when a step has failed, so often and no more', async () => {
    const own = (asked: Asked) => {
      if (!isAsking(asked)) return 'joined';
      return asked.task.includes('Plan anew') ? list('part 3', 'part 4') : list('part 1', 'part 2');
    };
    const run = await play.run(
      { name: 'plan-execute', parameters: { replans: 1 } },
      { own, part: fails('part 2') },
    );
    expect(run).toMatchObject({ status: 'completed', children: 4 });
    expect(run.reasons).toContain('Asks for a new plan, for a step has failed.');
    const again = run.asked.find(({ task }) => task.includes('Plan anew'))?.task;
    expect(again).toContain('done: part 1');
    expect(again).toContain('2. part 2: failed');
    await expectVerified(run);
    const always = await play.run(
      { name: 'plan-execute', parameters: { replans: 1 } },
      { own, part: () => 'FAIL' },
    );
    expect(always).toMatchObject({ status: 'completed', children: 2 });
    expect(always.output).toContain('2. part 4: not begun');
  });
});

describe('best-of-n', () => {
  const strategy = { name: 'best-of-n', parameters: { count: 3 } };
  const whole = /^count the stars$|^count the stars\n\nAnswer at the end/;

  it('answers with the best candidate as it is', async () => {
    let count = 0;
    const part = () => `candidate ${(count += 1)}`;
    const run = await play.run(strategy, { whole, part, own: () => '2, for it is shorter' });
    expect(run).toMatchObject({ status: 'completed', children: 3, output: 'candidate 2' });
    await expectVerified(run);
  });

  it('takes the first one when the judge says nothing that can be read, and says so', async () => {
    const run = await play.run(strategy, { whole, part: () => 'same', own: () => 'Hm.' });
    expect(run.output).toBe(
      'same\n\nMissing:\n- a verdict of the judge: this is the first candidate',
    );
  });

  it('gives candidates the schema, and takes an answer that does not fit back to its model', async () => {
    const run = await play.run(
      strategy,
      { whole, part: ({ task }) => (task.includes('anew') ? '[3]' : 'three'), own: () => '1' },
      { outputSchema: { type: 'array' } },
    );
    expect(run.asked[0]?.task).toContain('JSON Schema');
    expect(run).toMatchObject({ status: 'completed', output: '[3]' });
    await expectVerified(run);
  });
});

describe('debate', () => {
  it('lets all sides speak in rounds, each against the others, and judges', async () => {
    const run = await play.run({ name: 'debate' }, { whole: /^Argue/, part: () => 'so it is' });
    expect(run).toMatchObject({ status: 'completed', children: 4 });
    const second = run.asked[2]?.task;
    expect(second).toContain('Answer the strongest argument');
    expect(second).toContain('### against it, round 1\n\nso it is');
    expect(run.output).toContain('You are the judge');
    await expectVerified(run);
  });

  it('judges after as many rounds as there is budget for', async () => {
    const strategy = { name: 'debate', parameters: { rounds: 5 } };
    const part = () => 'so it is';
    const limits = { descendants: 5 };
    const run = await play.run(strategy, { whole: /^Argue/, part }, { limits });
    expect(run).toMatchObject({ status: 'completed', children: 4 });
    expect(run.output).toContain('for it, round 3: not heard, too little was left');
  });
});

describe('router', () => {
  it('gives the task to the model that was chosen, and to the next one when that fails', async () => {
    const parameters = { models: ['puppet:one', 'scripted:fail', 'puppet:three'] };
    const own = () => '2, then 3';
    const run = await play.run(
      { name: 'router', parameters },
      { whole: /^count the stars$/, own, part: () => 'seven' },
    );
    expect(run).toMatchObject({ status: 'completed', children: 2 });
    expect(run.output).toMatch(/^seven\n\nMissing:\n- model scripted:fail: failed/);
    await expectVerified(run);
  });

  it('asks nothing where there is one, and goes on where a route is refused', async () => {
    const one = { name: 'router', parameters: { models: ['puppet:one'] } };
    const run = await play.run(one, { whole: /^count/, part: () => 'seven' });
    expect(run).toMatchObject({ output: 'seven', children: 1 });
    const none = { name: 'router', parameters: { templates: ['nobody'], models: ['puppet:one'] } };
    const other = await play.run(none, {
      whole: /^count the stars$/,
      own: () => '1',
      part: () => 'eight',
    });
    expect(other.output).toMatch(
      /^eight\n\nMissing:\n- template nobody: There is no template nobody/,
    );
  });
});

describe('tree-of-thought', () => {
  it('follows the best ways of each level', async () => {
    let count = 0;
    const part = () => `thought ${(count += 1)}`;
    const own = ({ task }: Asked) => (task.includes('Judge these ways') ? 'Number 3.' : task);
    const strategy = { name: 'tree-of-thought', parameters: { breadth: 3, depth: 2 } };
    const run = await play.run(strategy, { whole: /^(Take a way|Go on)/, part, own });
    expect(run).toMatchObject({ status: 'completed', children: 6 });
    const second = run.asked.filter(({ task }) => task.startsWith('Go on'));
    expect(second.every(({ task }) => task.includes('thought 3'))).toBe(true);
    expect(run.output).toContain('thought 6');
    expect(run.output).not.toContain('thought 5');
    await expectVerified(run);
  });
});

describe.each(NAMES)('with %s', (name) => {
  const parameters = name === 'router' ? { models: ['puppet:one', 'puppet:two'] } : {};
  const strategy = { name, parameters };

  it.each([
    ['may have nobody below it', { depth: 0 }],
    ['may have no children', { children: 0 }],
    ['may have no descendants', { descendants: 0 }],
    ['has tokens for itself only', { tokens: 15_000 }],
    ['has hardly any time', { seconds: 6 }],
  ])('an agent that %s does the task alone', async (_, limits) => {
    const run = await play.run(strategy, { own: () => 'seven' }, { limits });
    expect(run).toMatchObject({ status: 'completed', output: 'seven', children: 0 });
    const names = run.asked.flatMap(({ request }) => request.tools.map((tool) => tool.name));
    expect(names).not.toContain('spawn_agent');
    await expectVerified(run);
  });

  it('an agent whose children all fail answers itself, and says what is missing', async () => {
    const part = () => 'FAIL';
    const own = (asked: Asked) => (isAsking(asked) ? list('part 1', 'part 2') : '1, or so');
    const run = await play.run(strategy, { whole: WORK, part, own });
    expect(run.status).toBe('completed');
    expect(run.output).toContain('1, or so\n\nMissing:\n- ');
    expect(run.children).toBeGreaterThan(0);
    await expectVerified(run);
  });

  it.each([1, 2, 3])(
    'an agent with budget for about %i below it stays within it',
    async (budget) => {
      const own = (asked: Asked) => (isAsking(asked) ? list('part 1', 'part 2', 'part 3') : '1');
      const limits = { tokens: 11_000 * (budget + 1), descendants: budget };
      const run = await play.run(strategy, { whole: WORK, own }, { limits });
      expect(run.status).toBe('completed');
      expect(run.children).toBeLessThanOrEqual(budget);
      await expectVerified(run);
    },
  );
});

const WORK = /^(part|count the stars$|Do this to|Join the|Argue|Take a way|Go on)/;
