import type { Plant } from './patched-source.js';

const domain = 'domain/agents/dist';
const runtime = 'agent-runtime/dist';

/** Bugs in what live agents are given beside their limits. */
export const extensionPlants: readonly Plant[] = [
  {
    name: 'a child is given more than its parent has',
    file: `${domain}/extending/extending.js`,
    from: 'unavailable(state, childId, { add, limits })',
    to: 'undefined',
  },
  {
    name: 'a child is given what is not set aside',
    file: `${domain}/evolution/extending.js`,
    from: '{ ...child, limits }',
    to: 'child',
  },
  {
    name: 'a child is told without its parent',
    file: `${runtime}/commands/extending.js`,
    from: 'const reservation = await agents.execute(parentId, request, origin);',
    to: 'const reservation = { state: await agents.load(parentId), revision: 0 };',
    also: [
      {
        file: `${runtime}/commands/extending.js`,
        from: 'return child.limits;',
        to: 'return { ...child.limits, tokens: child.limits.tokens + 1 };',
      },
    ],
  },
  {
    name: 'an extension is made twice',
    file: `${domain}/extending/extending.js`,
    from: 'extensions.find((one) => one.id === id)',
    to: 'undefined',
  },
  {
    name: 'an extended agent keeps its deadline',
    file: `${domain}/evolution/extending.js`,
    from: 'spawned: { ...state.spawned, limits }',
    to: 'spawned: { ...state.spawned, limits: { ...limits, deadlineMs: state.spawned.limits.deadlineMs } }',
  },
];
