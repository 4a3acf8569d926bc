import { describe, expect, it } from '@jest/globals';
import type { AgentEvent } from '@skynet/contracts';
import {
  aCommand,
  agentAdmitted,
  agentSpawned,
  anAgentId,
  runStarted,
  specifications,
  withoutCause,
} from '@skynet/testing';
import { isSpawned } from '../agent/agent-state.js';
import { agentDecider } from '../decisions/agent.decider.js';

const decider = agentDecider(() => 'hash');
const { given } = specifications(decider, withoutCause);

const running = [agentSpawned(), agentAdmitted(), runStarted()];
const child = anAgentId(2);
const ended: AgentEvent = { type: 'AgentCompleted', data: { output: 'x' } };

interface Written {
  readonly key?: string;
  readonly value?: string;
  readonly by?: typeof child;
  readonly toolCallId?: string;
}

const of = (written: Written) => ({ key: 'plan', by: child, toolCallId: 'm1_0', ...written });
const write = (written: Written = {}, expectedVersion?: number) =>
  aCommand('WriteBoard', { ...of(written), expectedVersion });
const wrote = (version: number, written: Written = {}): AgentEvent => ({
  type: 'BoardWritten',
  data: { ...of(written), version },
});
/** So many keys, each by a turn of its own. */
const full = (count: number, value: string) =>
  Array.from({ length: count }, (_, at) =>
    wrote(at + 1, { key: `key${at}`, value, toolCallId: `m${at + 1}_0` }),
  );

describe('a write on the board of a tree', () => {
  it('has the number of writes as its version', () => {
    given(...running)
      .when(write({ value: 'a' }))
      .then(wrote(1, { value: 'a' }));
    given(...running, wrote(1, { key: 'other', value: 'x' }))
      .when(write({ value: 'a', toolCallId: 'm2_0' }))
      .then(wrote(2, { value: 'a', toolCallId: 'm2_0' }));
  });

  it('is made on the version that it expects, and on no other', () => {
    const history = [...running, wrote(1, { value: 'a' })];
    const later = { value: 'b', toolCallId: 'm2_0' };
    given(...history)
      .when(write(later, 1))
      .then(wrote(2, later));
    given(...history)
      .when(write(later, 0))
      .rejects('BOARD_CONFLICT');
    given(...history)
      .when(write(later, 2))
      .rejects('BOARD_CONFLICT');
    given(...running)
      .when(write({ value: 'a' }, 0))
      .then(wrote(1, { value: 'a' }));
    given(...running)
      .when(write({ value: 'a' }, 1))
      .rejects('BOARD_CONFLICT');
  });

  it('is made once, also when another agent has written the same key since', () => {
    const root = anAgentId(1);
    const history = [...running, wrote(1, { value: 'a' }), wrote(2, { value: 'b', by: root })];
    given(...history)
      .when(write({ value: 'a' }))
      .then();
    given(...history)
      .when(write({ value: 'a' }, 0))
      .then();
    given(...history)
      .when(write({ value: 'c', toolCallId: 'm1_1' }))
      .then(wrote(3, { value: 'c', toolCallId: 'm1_1' }));
  });

  it('comes too late when its agent has written in a later turn', () => {
    given(...running, wrote(1, { value: 'b', toolCallId: 'm10_0' }))
      .when(write({ value: 'a', toolCallId: 'm9_0' }))
      .then();
  });

  it('takes a key off, whose version never comes again', () => {
    const history = [...running, wrote(1, { value: 'a' }), wrote(2, { toolCallId: 'm2_0' })];
    given(...history.slice(0, -1))
      .when(write({ toolCallId: 'm2_0' }, 1))
      .then(wrote(2, { toolCallId: 'm2_0' }));
    given(...history)
      .when(write({ value: 'b', toolCallId: 'm3_0' }, 0))
      .then(wrote(3, { value: 'b', toolCallId: 'm3_0' }));
    given(...running)
      .when(write())
      .then();
  });

  it('is refused without a root that lives', () => {
    given()
      .when(write({ value: 'a' }))
      .rejects('AGENT_NOT_FOUND');
    given(...running, ended)
      .when(write({ value: 'a' }))
      .rejects('AGENT_ALREADY_ENDED');
    given(...running, wrote(1, { value: 'a' }), ended)
      .when(write({ value: 'a' }))
      .then();
  });
});

describe('a board', () => {
  it('has room for 256 keys', () => {
    const history = [...running, ...full(256, 'x')];
    const toolCallId = 'm999_0';
    given(...history)
      .when(write({ key: 'one more', value: 'x', toolCallId }))
      .rejects('LIMIT_BOARD');
    given(...history)
      .when(write({ key: 'key7', value: 'y', toolCallId }))
      .then(wrote(257, { key: 'key7', value: 'y', toolCallId }));
    given(...history)
      .when(write({ key: 'key7', toolCallId }))
      .then(wrote(257, { key: 'key7', toolCallId }));
  });

  it('takes values of 16 KiB, by their bytes', () => {
    const most = 'é'.repeat(8 * 1024);
    given(...running)
      .when(write({ value: most }))
      .then(wrote(1, { value: most }));
    given(...running)
      .when(write({ value: `${most}x` }))
      .rejects('LIMIT_BOARD');
  });

  it('holds 256 KiB of keys and values', () => {
    const history = [...running, ...full(15, 'x'.repeat(16 * 1024))];
    const toolCallId = 'm999_0';
    given(...history)
      .when(write({ value: 'x'.repeat(16 * 1024), toolCallId }))
      .rejects('LIMIT_BOARD');
    given(...history)
      .when(write({ value: 'x'.repeat(16 * 1024 - 100), toolCallId }))
      .then(wrote(16, { value: 'x'.repeat(16 * 1024 - 100), toolCallId }));
  });

  it('remembers of each agent the writes of one turn', () => {
    const state = [...running, ...full(256, 'x')].reduce(decider.evolve, decider.initialState);
    const { board } = isSpawned(state) ? state : {};
    expect(board?.keys).toHaveLength(256);
    expect(board?.turns).toEqual([
      { agentId: child, turn: 256, writes: [{ toolCallId: 'm256_0', version: 256 }] },
    ]);
  });
});
