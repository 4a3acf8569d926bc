import { describe, it } from '@jest/globals';
import {
  aCommand,
  agentSpawned,
  anAgentId,
  aSpec,
  BUILT_AT_MS,
  childEnded,
  childReserved,
  someLimits,
  specifications,
  withoutCause,
} from '@skynet/testing';
import { agentDecider } from './agent.decider.js';

const { given } = specifications(
  agentDecider(() => 'hash'),
  withoutCause,
);

const child = anAgentId(2);
const reserve = (fields: Partial<ReturnType<typeof aSpec>> = {}) =>
  aCommand('ReserveChild', { childId: child, spec: aSpec({ argsHash: 'child-1', ...fields }) });

describe('an agent that does not exist', () => {
  it('can be spawned', () => {
    const spawned = agentSpawned();
    given().when(aCommand('SpawnAgent', spawned.data)).then(spawned);
  });

  it('can have no children', () => {
    given().when(reserve()).rejects('AGENT_NOT_FOUND');
  });
});

describe('an agent that was spawned', () => {
  it('answers a repeat of the same call as the first time', () => {
    const spawned = agentSpawned();
    given(spawned).when(aCommand('SpawnAgent', spawned.data)).changesNothing();
  });

  it('does not take the place of one with other arguments', () => {
    const other = agentSpawned({ spec: aSpec({ argsHash: 'args-2' }) });
    given(agentSpawned()).when(aCommand('SpawnAgent', other.data)).rejects('IDEMPOTENCY_CONFLICT');
  });
});

describe('a reserved agent whose parent ended first', () => {
  it('is not spawned any more', () => {
    given({ type: 'AgentRefused', data: { reason: 'parent terminated' } })
      .when(aCommand('SpawnAgent', agentSpawned().data))
      .rejects('AGENT_REFUSED');
  });
});

describe('setting limits aside for a child', () => {
  it('takes what was asked for', () => {
    const limits = {
      tokens: 500,
      costMicroUsd: 70,
      seconds: 60,
      depth: 1,
      children: 2,
      descendants: 3,
    };
    given(agentSpawned())
      .when(reserve({ limits }))
      .then(
        childReserved(child, {
          spec: aSpec({ argsHash: 'child-1', limits }),
          limits: {
            tokens: 500,
            costMicroUsd: 70,
            deadlineMs: BUILT_AT_MS + 60_000,
            depth: 1,
            children: 2,
            descendants: 3,
          },
        }),
      );
  });

  it('shares what is left between the slots for children and the parent when nothing was asked for', () => {
    const own = someLimits({ tokens: 1_000, costMicroUsd: 100, children: 4, descendants: 20 });
    given(agentSpawned({ limits: own }))
      .when(reserve())
      .then(
        childReserved(child, {
          spec: aSpec({ argsHash: 'child-1' }),
          limits: { ...own, tokens: 200, costMicroUsd: 20, depth: 2, descendants: 3 },
        }),
      );
  });

  it('gives a child enough for a turn, however many slots for children there are', () => {
    const own = someLimits({ tokens: 100_000, costMicroUsd: 900_000, children: 1_000 });
    given(agentSpawned({ limits: { ...own, descendants: 5_000 } }))
      .when(reserve())
      .thenState((state) => {
        if (!('children' in state)) throw new Error('no agent');
        const { tokens, costMicroUsd } = state.children.get(child)?.limits ?? {};
        if (tokens !== 10_000 || costMicroUsd === 0) throw new Error(`${tokens} ${costMicroUsd}`);
      });
  });

  it('never hands on a later deadline, more depth or more fan-out than the parent has', () => {
    const limits = { seconds: 1_000_000, depth: 99, children: 99 };
    given(agentSpawned())
      .when(reserve({ limits: { ...limits, tokens: 1, costMicroUsd: 1, descendants: 0 } }))
      .then(
        childReserved(child, {
          spec: aSpec({
            argsHash: 'child-1',
            limits: { ...limits, tokens: 1, costMicroUsd: 1, descendants: 0 },
          }),
          limits: { ...someLimits(), tokens: 1, costMicroUsd: 1, depth: 2, descendants: 0 },
        }),
      );
  });

  it('is done once for the same call', () => {
    given(agentSpawned(), childReserved(child)).when(reserve()).changesNothing();
  });

  it('is refused when the same id comes with other arguments', () => {
    given(agentSpawned(), childReserved(child))
      .when(reserve({ argsHash: 'child-2' }))
      .rejects('IDEMPOTENCY_CONFLICT');
  });

  it.each([
    ['LIMIT_DEPTH', { depth: 0 }, {}],
    ['LIMIT_CHILDREN', { children: 0 }, {}],
    ['LIMIT_DESCENDANTS', { descendants: 0 }, {}],
    ['LIMIT_DESCENDANTS', { descendants: 3 }, { descendants: 3 }],
    ['LIMIT_TOKENS', { tokens: 10 }, { tokens: 11 }],
    ['LIMIT_COST', { costMicroUsd: 10 }, { costMicroUsd: 11 }],
  ] as const)(
    'is refused with %s when the parent has %j and %j is asked for',
    (code, own, asked) => {
      given(agentSpawned({ limits: someLimits(own) }))
        .when(reserve({ limits: asked }))
        .rejects(code);
    },
  );

  it('is refused for tools that the parent itself does not have', () => {
    given(agentSpawned({ spec: aSpec({ tools: ['files__read'] }) }))
      .when(reserve({ tools: ['files__write'] }))
      .rejects('GRANT_TOO_WIDE');
  });

  it('hands on one tool of a server that the parent has whole', () => {
    given(agentSpawned({ spec: aSpec({ tools: ['files__*'] }) }))
      .when(reserve({ tools: ['files__write'], limits: { tokens: 1 } }))
      .thenState(() => undefined);
  });

  it('is refused once the parent has ended', () => {
    given(agentSpawned(), { type: 'AgentCompleted', data: { output: 'done' } })
      .when(reserve())
      .rejects('PARENT_ENDED');
  });

  it('counts again what an ended child did not spend', () => {
    const own = someLimits({ tokens: 1_000 });
    const first = anAgentId(3);
    given(
      agentSpawned({ limits: own }),
      childReserved(first, {
        limits: someLimits({ tokens: 900, descendants: 0, costMicroUsd: 0 }),
      }),
      childEnded(first, {
        spent: { inputTokens: 50, outputTokens: 50, costMicroUsd: 0, descendants: 0 },
      }),
    )
      .when(reserve({ limits: { tokens: 900, costMicroUsd: 0, descendants: 0 } }))
      .then(
        childReserved(child, {
          spec: aSpec({
            argsHash: 'child-1',
            limits: { tokens: 900, costMicroUsd: 0, descendants: 0 },
          }),
          limits: { ...own, tokens: 900, costMicroUsd: 0, depth: 2, descendants: 0 },
        }),
      );
  });
});
