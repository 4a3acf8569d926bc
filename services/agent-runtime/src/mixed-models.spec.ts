import { describe, expect, it } from '@jest/globals';
import type { SpawnArguments } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import type { ModelRequest } from './models/model.port.js';
import type { ModelEntry } from './registry/registry.config.js';
import { RuntimeWorld } from './testing/runtime-world.js';

/** Models that are programs: each does what its skill reaches, and says something wrong of the rest. */
const SKILLS = [1, 2, 3] as const;
const dollarsOf = (skill: number) => skill ** 2;
const idOf = (skill: number) => `puppet:skill-${skill}`;

const models: Record<string, ModelEntry> = Object.fromEntries(
  SKILLS.map((skill) => {
    const microUsd = dollarsOf(skill) * 1_000_000;
    const price = { inputMicroUsdPerMillion: microUsd, outputMicroUsdPerMillion: microUsd };
    return [idOf(skill), { price, skill }];
  }),
);

interface TestTask {
  readonly needs: (typeof SKILLS)[number];
  readonly arguments: Partial<SpawnArguments> & { readonly description: string };
}

const tools = ['tools__act'];

/** Written with what they need, before anybody has chosen for them. */
const TASKS: readonly TestTask[] = [
  { needs: 1, arguments: { description: 'List the moons of Mars.' } },
  { needs: 1, arguments: { description: 'Translate "good night" into Latin.' } },
  { needs: 1, arguments: { description: 'Extract the dates: May 1st, June 3rd.' } },
  { needs: 1, arguments: { description: 'What is the capital of Peru?' } },
  { needs: 1, arguments: { description: 'Rename the file, then say so.', tools } },
  { needs: 2, arguments: { description: 'Compare the two drafts and say which is clearer.' } },
  { needs: 2, arguments: { description: 'Implement a queue in `src/queue.ts`.', tools } },
  {
    needs: 2,
    arguments: { description: `Read this letter.\n${'It was a long day. '.repeat(150)}` },
  },
  { needs: 2, arguments: { description: 'Debug why the lamp blinks.' } },
  { needs: 3, arguments: { description: 'Design the protocol and prove that it is safe.' } },
  {
    needs: 3,
    arguments: { description: 'Find the root cause of the deadlock and refactor `a.ts`.', tools },
  },
  {
    needs: 3,
    arguments: {
      description:
        'Plan the migration.\n1. research what is there\n2. analyse the risks\n3. write it down',
      outputSchema: { type: 'object' },
    },
  },
];

const USAGE = { inputTokens: 1_000, outputTokens: 200 };

function skillOf({ price }: ModelRequest): number {
  return Math.sqrt(price.inputMicroUsdPerMillion / 1_000_000);
}

interface Outcome {
  readonly passed: number;
  readonly costMicroUsd: number;
}

/** All tasks with one wish for the model. */
async function runAll(model: string): Promise<Outcome> {
  const auto = { models: Object.keys(models), preference: 'balanced', adaptive: false } as const;
  const world = await RuntimeWorld.create(new ManualClock(), {
    models,
    auto: { ...auto, models: [...auto.models], onRefusal: false },
  });
  await world.start();
  let passed = 0;
  let costMicroUsd = 0;
  for (const { needs, arguments: args } of TASKS) {
    const agentId = await world.spawn({ ...args, model: { id: model } });
    const call = await world.models.next();
    const skill = skillOf(call.request);
    const right = JSON.stringify({ isRight: skill >= needs });
    const cost = (USAGE.inputTokens + USAGE.outputTokens) * dollarsOf(skill);
    call.answer({ text: right, usage: { ...USAGE, costMicroUsd: cost } });
    const { output, spent } = await world.ended(agentId);
    if (output === '{"isRight":true}') passed += 1;
    costMicroUsd += spent.costMicroUsd;
  }
  await world.stop();
  return { passed, costMicroUsd };
}

describe('tasks of different difficulty, on models of different skill', () => {
  it('are done as well by the mix as by the strong model, for less', async () => {
    const [weak, strong, mix] = [
      await runAll(idOf(1)),
      await runAll(idOf(3)),
      await runAll('auto'),
    ];
    expect(strong.passed).toBe(TASKS.length);
    expect(weak.passed).toBeLessThan(strong.passed);
    expect(mix.passed).toBe(strong.passed);
    expect(mix.costMicroUsd).toBeLessThan(strong.costMicroUsd);
    expect(mix.costMicroUsd).toBeGreaterThan(weak.costMicroUsd);
  });

  it('are done for less, and not better, where the price counts most', async () => {
    const [cost, mix, quality] = [
      await runAll('auto:cost'),
      await runAll('auto'),
      await runAll('auto:quality'),
    ];
    expect(cost.costMicroUsd).toBeLessThan(mix.costMicroUsd);
    expect(cost.passed).toBeLessThanOrEqual(mix.passed);
    expect(quality.costMicroUsd).toBeGreaterThan(mix.costMicroUsd);
    expect(quality.passed).toBe(TASKS.length);
  });
});
