import type { Plant } from './patched-source.js';

const domain = 'domain/agents/dist';
const runtime = 'agent-runtime/dist';

/** Bugs where several guards stand behind each other, or one alone is enough. */
export const guardPlants: readonly Plant[] = [
  {
    name: 'a run that was taken over goes on',
    file: `${domain}/decisions/model-outcome.js`,
    from: 'if (epoch < state.epoch)',
    to: 'if (false)',
    also: [
      {
        file: `${domain}/decisions/model-outcome.js`,
        from: 'if (state.modelCall?.callId !== callId)',
        to: 'if (state.modelCall === undefined)',
      },
    ],
  },
  {
    name: 'a child may have more than its parent',
    file: `${domain}/decisions/budget.js`,
    from: 'if ((asked.tokens ?? 0) > left.tokens)',
    to: 'if (false)',
  },
  {
    name: 'a call waits and is made after an end',
    file: `${runtime}/worker/run/agent.runner.js`,
    from: 'if (leases.isFresh())\n            return effect();',
    to: 'if (leases.isFresh()) return new Promise((resolve) => setTimeout(resolve, 2_000)).then(effect);',
    also: [
      {
        file: `${runtime}/run-signals/run-signals.js`,
        from: 'endsAgent(event) || supersedes(event, run.epoch)',
        to: 'supersedes(event, run.epoch)',
      },
    ],
  },
  {
    name: 'a spawn is acknowledged before it is appended',
    file: 'platform/dist/execution/command-handler.js',
    from: 'let position;\n',
    to: "let position; for (const one of decided) if (one.pending.command.type === 'SpawnAgent') one.pending.resolve({ ...after, ...outcomeOf(one, position) });\n",
  },
  {
    name: 'a refusal is not answered',
    file: `${runtime}/commands/agent-commands.js`,
    from: 'return no(envelope, execution.refused);',
    to: 'return undefined;',
  },
];
