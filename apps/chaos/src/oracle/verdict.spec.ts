import { describe, expect, it } from '@jest/globals';
import {
  admitted,
  childEnded,
  childExtended,
  completed,
  extended,
  MadeUpLog,
  modelSettled,
  modelStarted,
  parked,
  reserved,
  runStarted,
  spawned,
  TIME_MS,
  toolSettled,
  toolStarted,
  type MadeUpEvent,
} from '../testing/made-up-history.js';
import { historiesOf } from './agent-history.js';
import type { CountedCall, Evidence, SeenAgent } from './evidence.js';
import { findingsOf } from './verdict.js';

const call = (step: number, policy: string, key?: string): CountedCall => ({
  ...{ mark: 'm1', step, policy },
  ...(key !== undefined && { key }),
});

/** Everything that goes with a log when nothing went wrong. */
function soundWith(log: MadeUpLog): Evidence {
  const histories = [...historiesOf(log.commits).values()];
  const row = (status: string): SeenAgent => ({
    status,
    listedStatus: status,
    updatedAt: new Date(TIME_MS).toISOString(),
  });
  return {
    commits: log.commits,
    acknowledged: new Map(
      histories.flatMap(({ mark, agentId }) => (mark ? [[mark, new Set([agentId])]] : [])),
    ),
    ends: new Map(),
    shown: new Map(),
    calls: [],
    limits: { running: 3, runningPerTenant: 2 },
    leastStepMs: 60_000,
    seen: new Map(histories.map(({ agentId, status }) => [agentId, row(status)])),
  };
}

function found(log: MadeUpLog, wrong: Partial<Evidence> = {}): string[] {
  return findingsOf({ ...soundWith(log), ...wrong }).map(
    ({ word, agentId, what }) => `${word}: ${agentId} ${what}`,
  );
}

const root = spawned('a', { mark: 'm1' });
const child = spawned('b', {}, { parentId: 'a' });

/** An agent that had one call counted. */
function withCall(...more: readonly MadeUpEvent[]): MadeUpLog {
  return new MadeUpLog()
    .append('a', root)
    .append('a', runStarted(1), modelStarted('m'))
    .append('a', modelSettled('m', { id: 't', step: 1 }), toolStarted('t'), ...more)
    .append('a', toolSettled('t'), completed());
}

/** A parent with a child. */
function family(...more: readonly MadeUpEvent[]): MadeUpLog {
  return new MadeUpLog()
    .append('a', root)
    .append('a', runStarted(1), reserved('b'))
    .append('b', child)
    .append('b', runStarted(1), completed())
    .append('a', childEnded('b'), ...more, completed());
}

const alone = (...more: readonly MadeUpEvent[]) =>
  new MadeUpLog().append('a', root).append('a', runStarted(1), ...more);

describe('a history in which nothing went wrong', () => {
  it.each([
    ['of an agent with a tool call', withCall()],
    ['of a tree', family()],
  ])('%s is found to be sound', (_, log) => {
    expect(found(log)).toEqual([]);
  });

  it('has calls that were repeated after a crash as their policy allows', () => {
    const log = withCall(toolStarted('t', 2));
    expect(found(log, { calls: [call(1, 'retry'), call(1, 'retry')] })).toEqual([]);
    expect(found(log, { calls: [call(1, 'key', 'k'), call(1, 'key', 'k')] })).toEqual([]);
  });

  it('has children that were refused because their parent had ended', () => {
    const log = alone(reserved('b'), completed()).append('b', ['AgentRefused', {}]);
    expect(found(log)).toEqual([]);
  });
});

describe('what a client was told and the log does not have', () => {
  it('is an agent that is lost', () => {
    const acknowledged = new Map([['m2', new Set(['z'])]]);
    expect(found(withCall(), { acknowledged })).toEqual([
      'lost: z acknowledged for m2, and not in the log',
    ]);
  });

  it('is an end that is lost', () => {
    const log = alone(completed());
    expect(found(log, { ends: new Map([['a', 'failed']]) })).toEqual([
      'lost: a a client was told failed, the log has no such',
    ]);
  });
});

describe('an event that a client was shown', () => {
  const shownAt = (timeMs: number) => new Map([['a', new Set([new Date(timeMs).toISOString()])]]);

  it('is lost when the log has no event of that time', () => {
    expect(found(alone(completed()), { shown: shownAt(TIME_MS) })).toEqual([]);
    expect(found(alone(completed()), { shown: shownAt(TIME_MS + 1) })).toEqual([
      'lost: a a client was shown an event of 2026-01-01T00:00:00.001Z, the log has none',
    ]);
  });
});

describe('what was asked for once', () => {
  it('is not two agents for one key', () => {
    const log = alone(completed())
      .append('c', spawned('c', { mark: 'm1' }))
      .append('c', runStarted(1), completed());
    const acknowledged = new Map([['m1', new Set(['a'])]]);
    expect(found(log, { acknowledged })).toEqual(['doubled: c another agent for m1']);
  });

  it('is not two answers to one key', () => {
    const acknowledged = new Map([['m1', new Set(['a', 'z'])]]);
    expect(found(alone(completed()), { acknowledged })).toContain(
      'doubled: z another answer for m1',
    );
  });

  it.each([
    ['a child that ends twice', family(childEnded('b')), 'ChildEnded twice for b'],
    ['a child that is reserved twice', family(reserved('b')), 'ChildReserved twice for b'],
    ['an agent that begins twice', alone(root, completed()), 'AgentSpawned twice for a'],
  ])('is not %s', (_, log, what) => {
    expect(found(log)).toContain(`doubled: a ${what}`);
  });

  it('is not a second child of one call', () => {
    const again: MadeUpEvent = [
      'ChildReserved',
      { childId: 'c', toolCallId: 'call of b', limits: { tokens: 1 } },
      1,
    ];
    expect(found(family(again))).toContain('doubled: a ChildReserved twice for call of b');
  });

  it.each(['ask', 'fail'])('is made once under the policy %s, whatever the log says', (policy) => {
    const calls = [call(1, policy), call(1, policy)];
    expect(found(withCall(toolStarted('t', 2)), { calls })).toEqual([
      `doubled: a step 1 under ${policy} was made 2 times`,
    ]);
  });

  it('has one key under the policy key', () => {
    const log = withCall(toolStarted('t', 2));
    const calls = [call(1, 'key', 'k'), call(1, 'key', 'l')];
    expect(found(log, { calls })).toEqual(['doubled: a step 1 under key was made with 2 keys']);
    expect(found(withCall(), { calls: [call(1, 'key')] })).toHaveLength(1);
  });
});

describe('a call of a tool', () => {
  it('that was repeated and not started again in the log is a silent repeat', () => {
    expect(found(withCall(), { calls: [call(1, 'retry'), call(1, 'retry')] })).toEqual([
      'silent repeat: a step 1 under retry was made 2 times, started 1 times in the log',
    ]);
  });

  it('that the log does not know is one as well', () => {
    expect(found(withCall(), { calls: [call(2, 'retry')] })).toHaveLength(1);
    const unknown = { ...call(1, 'retry'), mark: 'm9' };
    expect(found(withCall(), { calls: [unknown] })).toHaveLength(1);
  });
});

describe('an agent is stuck', () => {
  it('when it has not ended', () => {
    expect(found(alone())).toEqual(['stuck: a running, last event 1 RunStarted']);
  });

  it('when it was reserved and never spawned', () => {
    expect(found(alone(reserved('b'), completed()))).toEqual([
      'stuck: b reserved by a and never spawned',
    ]);
  });
});

describe('a view is stale', () => {
  const log = alone(completed('yes'));
  const row = { status: 'completed', listedStatus: 'completed', output: 'yes' };
  const updatedAt = new Date(TIME_MS).toISOString();

  it.each([
    ['when it is missing', undefined, 'no client can see it'],
    ['in its status', { ...row, updatedAt, status: 'running' }, 'shown as running, is completed'],
    [
      'in a list',
      { ...row, updatedAt, listedStatus: undefined },
      'listed as nothing, is completed',
    ],
    ['in its answer', { ...row, updatedAt, output: 'no' }, 'its answer is shown as no'],
    [
      'when it lacks the last event',
      { ...row, updatedAt: new Date(0).toISOString() },
      `shown as of 1970-01-01T00:00:00.000Z, last event ${updatedAt}`,
    ],
  ])('%s', (_, seen, what) => {
    expect(found(log, { seen: new Map([['a', seen]]) })).toEqual([`stale: a ${what}`]);
  });

  it('when a parent was not told of the end of its child', () => {
    const parent = alone(reserved('b'), completed()).append('b', child).append('b', completed());
    expect(found(parent)).toEqual(['stale: a was not told of the end of b']);
  });
});

describe('a history is forked', () => {
  const commit = { agentId: 'a', id: 'c', events: [] };

  it('when a revision comes again', () => {
    const again = { ...commit, sequence: 3, firstRevision: 1, lastRevision: 2, previous: 2 };
    const events = [
      { type: 'ProgressReported', epoch: 1, timeMs: TIME_MS, data: {} },
      { type: 'AgentCompleted', epoch: 1, timeMs: TIME_MS, data: {} },
    ];
    expect(found(alone().put({ ...again, events }))).toEqual([
      'forked: a revision 1 where 2 comes next',
    ]);
  });

  it('when a commit does not stand behind the last one', () => {
    const wrong = { ...commit, sequence: 9, firstRevision: 2, lastRevision: 2, previous: 1 };
    const events = [{ type: 'AgentCompleted', epoch: 1, timeMs: TIME_MS, data: {} }];
    expect(found(alone().put({ ...wrong, events }))).toEqual([
      'forked: a commit at 9 says that 1 is before it',
    ]);
  });

  it('when a commit has other revisions than events', () => {
    const wrong = { ...commit, sequence: 9, firstRevision: 2, lastRevision: 3, previous: 2 };
    const events = [{ type: 'AgentCompleted', epoch: 1, timeMs: TIME_MS, data: {} }];
    expect(found(alone().put({ ...wrong, events }))).toEqual([
      'forked: a 1 events as revisions 2 to 3',
    ]);
  });

  it('when a commit stands there twice', () => {
    const log = alone();
    const again = { ...commit, sequence: 3, firstRevision: 2, lastRevision: 2, previous: 2 };
    const events = [{ type: 'AgentCompleted', epoch: 1, timeMs: TIME_MS, data: {} }];
    log.put({ ...again, id: log.commits[1]?.id ?? '', events });
    expect(found(log)).toEqual(['forked: a commit commit-2 twice']);
  });

  it.each([
    ['a run starts twice', [runStarted(1)], 'run 1 starts after run 1'],
    [
      'a superseded run goes on',
      [runStarted(2), modelStarted('m', 1, 1)],
      'event 3 is of run 1, after one of 2',
    ],
    ['it ends twice', [completed()], 'ended 2 times'],
    [
      'a model call has two outcomes',
      [modelStarted('m'), modelSettled('m'), modelSettled('m')],
      'ModelCallSettled twice for m',
    ],
    [
      'a model call begins twice',
      [modelStarted('m'), modelStarted('m'), modelSettled('m')],
      'ModelCallStarted twice for m',
    ],
    [
      'a tool call has two outcomes',
      [toolStarted('t'), toolSettled('t'), toolSettled('t')],
      'ToolCallSettled twice for t',
    ],
  ] as const)('when %s', (_, events, what) => {
    expect(found(alone(...events, completed()))).toContain(`forked: a ${what}`);
  });
});

describe('an agent has overspent', () => {
  it.each([
    ['a call is held', [modelStarted('m', 1_001), modelSettled('m')]],
    ['children have their shares', [reserved('b', 600), reserved('c', 600)]],
    ['a call is held beside a share', [reserved('b', 600), modelStarted('m', 600)]],
    ['a child is extended', [reserved('b', 600), childExtended('b', 1_001)]],
  ] as const)('when its limit is passed while %s', (_, events) => {
    const words = found(alone(...events, completed())).filter((each) => /^overspent/.test(each));
    expect(words).toEqual([expect.stringMatching(/^overspent: a \d+ of 1000 tokens after event /)]);
  });

  it('unless it was extended before', () => {
    const events = [extended(1_001), reserved('b', 600), childExtended('b', 1_001)];
    expect(found(alone(...events, completed())).filter((each) => /^overspent/.test(each))).toEqual(
      [],
    );
  });
});

describe('a slot is over the limit', () => {
  const kept = { kind: 'kept', of: 'a' };
  const overLimit = (log: MadeUpLog) => found(log).filter((each) => /^over limit/.test(each));
  /** A parent that has parked, and a child of it that begins. */
  const treeWith = (...begin: readonly MadeUpEvent[]) =>
    new MadeUpLog()
      .append('a', root)
      .append('a', admitted(), runStarted(1), parked)
      .append('b', child, ...begin);
  const other = (agentId: string, tenant = 't') =>
    spawned(agentId, {}, { parentId: 'a', rootId: 'x', tenant });

  it.each([
    ['is left and taken', treeWith(admitted(kept), runStarted(1))],
    ['is taken at the last moment', treeWith(admitted(kept, 1_500))],
    ['is taken when the clock has stepped', treeWith(admitted(kept, 61_000))],
    ['is given as the last one', treeWith(admitted()).append('c', other('c'), admitted())],
    ['is of another tenant', treeWith(admitted()).append('c', other('c', 'u'), admitted())],
    ['is taken over', treeWith(admitted(kept), runStarted(1), runStarted(2))],
  ])('not when it %s', (_, log) => {
    expect(overLimit(log)).toEqual([]);
  });

  it.each([
    [
      'a tenant has one too many',
      treeWith(admitted()).append('c', other('c'), admitted()).append('d', other('d'), admitted()),
      'd is number 3 of t that has a slot, of at most 2',
    ],
    [
      'all have one too many',
      treeWith(admitted())
        .append('c', other('c'), admitted())
        .append('d', other('d', 'u'), admitted())
        .append('e', other('e', 'u'), admitted()),
      'e is number 4 that has a slot, of at most 3',
    ],
    [
      'it is taken before it is left',
      new MadeUpLog().append('a', root, admitted()).append('b', child, admitted(kept)),
      'b took the slot that a had not left, or not to it',
    ],
    [
      'it is taken twice',
      treeWith(admitted(kept)).append('c', other('c'), admitted(kept)),
      'c took the slot that a had not left, or not to it',
    ],
    [
      'it is taken by another tree',
      treeWith().append('c', other('c'), admitted(kept)),
      'c took the slot that a had left to another tree',
    ],
    [
      'it is taken too late',
      treeWith(admitted(kept, 1_501)),
      'b took the slot of a 1501 ms after it was left',
    ],
  ])('when %s', (_, log, what) => {
    expect(overLimit(log)).toEqual([`over limit: ${what}`]);
  });
});
