import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  getAgentEventsTool,
  getAgentResultTool,
  getAgentStatusTool,
  listAgentsTool,
  rejection,
  RESULT_PAGE_CHARS,
  type AgentRow,
  type ToolName,
} from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { RefusedError } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { agentIdNamed, agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type EdgeFixture } from '../testing/edge-fixture.js';

const ROOT = agentRow('root', { childIds: [agentIdNamed('child')], status: 'waiting' });
const CHILD = agentRow('child', { parentId: ROOT.agentId, rootId: ROOT.agentId, depth: 1 });
const OTHER = agentRow('other', { status: 'completed' });
const FOREIGN = agentRow('foreign', { tenant: 'other' });
const rootId = { agentId: ROOT.agentId };

let clock: ManualClock;
let edge: EdgeFixture;

beforeEach(async () => {
  clock = new ManualClock(SPAWNED_AT_MS);
  edge = await edgeFixture(clock);
  edge.owner.rows.push(ROOT, CHILD, OTHER, FOREIGN);
  for (const row of edge.owner.rows) await edge.project(row);
});

async function read(name: ToolName, input: object): Promise<object> {
  const answer = await edge.call(name, input, { role: 'viewer' });
  if (isRefused(answer)) throw new Error(answer.refused.message);
  return answer.output;
}

describe.each(['get_agent_status', 'wait_agent', 'get_agent_result', 'get_agent_events'] as const)(
  '%s',
  (name) => {
    it('answers alike for a foreign and an unknown agent', async () => {
      const [foreign, unknown] = await Promise.all(
        [FOREIGN.agentId, agentIdNamed('nobody')].map(async (agentId) => {
          const answer = await edge.call(name, { agentId });
          return JSON.stringify(answer).replace(agentId, 'ID');
        }),
      );
      expect(unknown).toContain('AGENT_NOT_FOUND');
      expect(foreign).toBe(unknown);
    });

    it('asks for a well-formed id before anything else', async () => {
      const answer = await edge.call(name, { agentId: 'agents.>' });
      expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
      expect(edge.owner.questions).toEqual([]);
    });

    it('is tried again while nobody answers, and then says so', async () => {
      edge.owner.stopServing();
      edge.owner.rows.push(agentRow('late'));
      const answered = edge.call(name, { agentId: agentIdNamed('late') });
      await clock.advance(4_000);
      edge.owner.startServing();
      await clock.advance(60_000);
      expect(await answered).toHaveProperty('output');

      edge.owner.stopServing();
      const unanswered = edge.call(name, { agentId: agentIdNamed('never seen') });
      await clock.advance(5_000);
      expect(await unanswered).toMatchObject({ refused: { code: 'UNAVAILABLE' } });
    });
  },
);

describe.each(['get_agent_status', 'get_agent_result'] as const)('%s', (name) => {
  it('says which granted tools an agent works without, and why', async () => {
    const toolsLeftOut = [{ tool: 'files__*', reason: 'files: no connection' }];
    const lacking = agentRow('lacking', { toolsLeftOut });
    edge.owner.rows.push(lacking);
    await edge.project(lacking);
    expect(await read(name, { agentId: lacking.agentId })).toMatchObject({ toolsLeftOut });
    expect(await read(name, { agentId: OTHER.agentId })).not.toHaveProperty('toolsLeftOut');
  });
});

describe('get_agent_status', () => {
  it('says why an agent has its model, where that was chosen', async () => {
    const estimate = { turns: 2, costMicroUsd: 900 };
    const refused = [{ model: 'a:blind', reason: 'it takes no images' }];
    const modelChoice = { from: 'a:b', reasons: ['overloaded'], refused, estimate };
    const row = agentRow('chosen', { modelChoice });
    edge.owner.rows.push(row);
    await edge.project(row);
    const { agentId } = row;
    expect(await read('get_agent_status', { agentId })).toMatchObject({ modelChoice });
  });
});

describe('get_agent_result of an agent with a schema for its output', () => {
  const resultOf = async (row: AgentRow) => {
    await edge.project(row);
    return read('get_agent_result', { agentId: row.agentId });
  };

  it('has the JSON as such once it has completed, beside the text', async () => {
    const json = agentRow('json', { status: 'completed', output: '{"a":1}', answersInJson: true });
    const answer = await resultOf(json);
    expect(answer).toMatchObject({ output: '{"a":1}', structuredOutput: { a: 1 } });
    const text = agentRow('text', { status: 'completed', output: '{"a":1}' });
    expect(await resultOf(text)).not.toHaveProperty('structuredOutput');
    const failed = agentRow('wrong', { status: 'failed', partial: 'no', answersInJson: true });
    expect(await resultOf(failed)).not.toHaveProperty('structuredOutput');
  });

  it('has the text alone where no client could read it as such', async () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const answered = (levels: number) => {
      const output = deep(levels);
      const name = `deep ${levels}`;
      return resultOf(agentRow(name, { status: 'completed', output, answersInJson: true }));
    };
    expect(await answered(100)).toHaveProperty('structuredOutput');
    const answer = await answered(101);
    expect(answer).toMatchObject({ output: deep(101) });
    expect(answer).not.toHaveProperty('structuredOutput');
  });

  it('has the text alone where that takes more than one page', async () => {
    const output = JSON.stringify(Array(RESULT_PAGE_CHARS).fill(1));
    const answer = await resultOf(
      agentRow('long', { status: 'completed', output, answersInJson: true }),
    );
    expect(answer).toHaveProperty('nextCursor');
    expect(answer).not.toHaveProperty('structuredOutput');
  });
});

describe('get_agent_status', () => {
  it('says why a tool call is in doubt', async () => {
    const inDoubt = [{ toolCallId: 'm1_0', reason: 'no answer in 60 s' }];
    const waitingFor = { kind: 'input' as const, ids: ['m1_0'], inDoubt };
    const asking = agentRow('asking', { status: 'waiting', waitingFor });
    await edge.project(asking);
    expect(await read('get_agent_status', { agentId: asking.agentId })).toMatchObject({
      waitingFor,
    });
  });

  it('says what people are asked', async () => {
    const asked = { toolCallId: 'm1_0', question: 'Which?', choices: ['a', 'b'] };
    const questions = [{ ...asked, deadlineMs: 0 }];
    const waitingFor = { kind: 'input' as const, ids: ['m1_0'], questions };
    const asking = agentRow('asking', { status: 'waiting', waitingFor });
    await edge.project(asking);
    expect(await read('get_agent_status', { agentId: asking.agentId })).toMatchObject({
      waitingFor: { questions: [{ ...asked, until: '1970-01-01T00:00:00.000Z' }] },
    });
  });
});

describe('while the store of the rows does not answer', () => {
  const goAway = () => {
    edge.rows.get = () => new Promise(() => undefined);
    edge.owner.stopServing();
  };

  it.each(['get_agent_status', 'get_agent_result'] as const)(
    '%s says within 2 s what was known, and how old that is',
    async (name) => {
      await read(name, { agentId: OTHER.agentId });
      const readAt = new Date(clock.nowMs()).toISOString();
      goAway();
      await clock.advance(10_000);
      const answered = read(name, { agentId: OTHER.agentId });
      await clock.advance(1_900);
      expect(await answered).toMatchObject({ status: 'completed', asOf: readAt });
    },
  );

  it('tells nothing of it to another tenant', async () => {
    await read('get_agent_status', { agentId: OTHER.agentId });
    goAway();
    const input = { agentId: OTHER.agentId };
    const answered = edge.call('get_agent_status', input, { tenant: 'other' });
    await clock.advance(1_900);
    expect(await answered).toMatchObject({ refused: { code: 'AGENT_NOT_FOUND' } });
  });

  it('says within 2 s that what was never read can not be read', async () => {
    goAway();
    const answered = edge.call('get_agent_status', { agentId: OTHER.agentId });
    await clock.advance(1_900);
    expect(await answered).toMatchObject({ refused: { code: 'UNAVAILABLE' } });
  });

  it('is not mentioned once it answers again', async () => {
    await read('get_agent_status', { agentId: OTHER.agentId });
    const { get } = edge.rows;
    goAway();
    edge.rows.get = get.bind(edge.rows);
    expect(await read('get_agent_status', { agentId: OTHER.agentId })).not.toHaveProperty('asOf');
  });
});

describe('the status of an agent', () => {
  it('is its row with its children', async () => {
    const output = await read('get_agent_status', rootId);
    expect(getAgentStatusTool.output.parse(output)).toEqual({
      agentId: ROOT.agentId,
      rootId: ROOT.agentId,
      status: 'waiting',
      depth: 0,
      model: 'scripted:echo',
      task: 'work of root',
      spent: { inputTokens: 30, outputTokens: 12, costMicroUsd: 7 },
      treeSpent: { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 },
      limits: {
        tokens: 1_000,
        costMicroUsd: 2_000,
        deadline: '2026-11-23T11:00:00.000Z',
        depth: 5,
        children: 10,
        descendants: 100,
      },
      children: [{ agentId: CHILD.agentId, status: 'running', task: 'work of child' }],
      runningTimeMs: 0,
      updatedAt: '2026-11-23T10:00:00.000Z',
    });
  });

  it('has all its children, however few fit on a page', async () => {
    const names = ['many', 'few', 'one'];
    const parentId = agentIdNamed('with children');
    const below = names.map((name) => agentRow(name, { rootId: parentId, parentId }));
    const row = agentRow('with children', { childIds: below.map(({ agentId }) => agentId) });
    edge.owner.rows.push(row, ...below);
    await edge.project(row);
    edge.owner.pageRows = 1;
    const output = getAgentStatusTool.output.parse(
      await read('get_agent_status', { agentId: parentId }),
    );
    expect(output.children.map(({ agentId }) => agentId)).toEqual(row.childIds);
  });

  it('counts the run under way', async () => {
    await edge.project({ ...ROOT, ranMs: 500, runningSinceMs: SPAWNED_AT_MS });
    await clock.advance(250);
    expect(await read('get_agent_status', rootId)).toMatchObject({ runningTimeMs: 750 });
  });

  it('has a deadline that can be written also when there is none to speak of', async () => {
    const limits = { ...ROOT.limits, deadlineMs: Number.MAX_SAFE_INTEGER };
    await edge.project({ ...ROOT, limits });
    const output = getAgentStatusTool.output.parse(await read('get_agent_status', rootId));
    expect(output.limits.deadline).toMatch(/^\+275760-/);
  });

  it('is known before the row is written', async () => {
    edge.owner.rows.push(agentRow('newborn', { status: 'queued' }));
    const agentId = agentIdNamed('newborn');
    expect(await read('get_agent_status', { agentId })).toMatchObject({ status: 'queued' });
  });
});

describe('the result of an agent', () => {
  it('is its output, wherever it is stored', async () => {
    const long = 'x'.repeat(10_000);
    const output = await edge.payloads.put('acme', long);
    await edge.project({ ...ROOT, status: 'completed', output });
    expect(getAgentResultTool.output.parse(await read('get_agent_result', rootId))).toEqual({
      agentId: ROOT.agentId,
      status: 'completed',
      output: long,
      usage: { inputTokens: 30, outputTokens: 12, costMicroUsd: 7 },
      children: [{ agentId: CHILD.agentId, status: 'running', task: 'work of child' }],
    });
  });

  it('is what there is so far before the end, marked as partial', async () => {
    expect(await read('get_agent_result', rootId)).toMatchObject({ output: '', partial: true });
    await edge.project({ ...ROOT, progress: { message: 'half way' } });
    const output = await read('get_agent_result', rootId);
    expect(output).toMatchObject({ output: 'half way', partial: true });
  });

  it('is the failure and what was done until then when the agent failed', async () => {
    const failure = { reason: 'MODEL_FAILED', message: 'no answer', retryable: true };
    await edge.project({ ...ROOT, status: 'failed', failure, partial: 'chapter one' });
    const output = await read('get_agent_result', rootId);
    expect(output).toMatchObject({ output: 'chapter one', partial: true, failure });
  });

  it('comes in pages that end between characters and miss none', async () => {
    const whole = `${'a'.repeat(RESULT_PAGE_CHARS - 1)}😀${'b'.repeat(RESULT_PAGE_CHARS)}c`;
    const output = await edge.payloads.put('acme', whole);
    await edge.project({ ...ROOT, status: 'completed', output });
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const input = cursor === undefined ? rootId : { ...rootId, cursor };
      const page = getAgentResultTool.output.parse(await read('get_agent_result', input));
      pages.push(page.output);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(pages.map((page) => page.length)).toEqual([19_999, 20_000, 3]);
    expect(pages.join('')).toBe(whole);
  });

  it('whose text is lost is a bug of ours, not an empty answer', async () => {
    const output = { sha256: '0'.repeat(64), bytes: 1 };
    await edge.project({ ...ROOT, status: 'completed', output });
    const answer = await edge.call('get_agent_result', rootId);
    expect(answer).toMatchObject({ refused: { code: 'INTERNAL' } });
  });
});

describe('a cursor of list_agents', () => {
  it.each(['x', '7', '1.', 'NaN.019b76da-a800-77a9-a8cd-4d1ddd4e821b'])(
    'is not %j',
    async (cursor) => {
      const answer = await edge.call('list_agents', { cursor });
      expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
    },
  );
});

describe.each(['get_agent_result', 'get_agent_events'] as const)('a cursor of %s', (name) => {
  it.each(['x', '-1', '1e3', '9'.repeat(16)])('is not %j', async (cursor) => {
    const answer = await edge.call(name, { ...rootId, cursor });
    expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
  });
});

describe('the events of an agent', () => {
  it('come in pages of a hundred, oldest first, without gap', async () => {
    edge.owner.events = Array.from({ length: 150 }, (_, revision) => ({
      revision,
      type: 'ProgressReported',
      timeMs: SPAWNED_AT_MS + revision,
      epoch: 1,
      data: { message: `step ${revision}` },
    }));
    const first = getAgentEventsTool.output.parse(await read('get_agent_events', rootId));
    expect(first.events).toHaveLength(100);
    expect(first.events[1]).toEqual({
      revision: 1,
      type: 'ProgressReported',
      time: '2026-11-23T10:00:00.001Z',
      epoch: 1,
      data: { message: 'step 1' },
    });
    const rest = await read('get_agent_events', { ...rootId, cursor: first.nextCursor });
    const { events, nextCursor } = getAgentEventsTool.output.parse(rest);
    expect(events.map(({ revision }) => revision)).toEqual(
      Array.from({ length: 50 }, (_, index) => 100 + index),
    );
    expect(nextCursor).toBeUndefined();
  });
});

describe('the list of agents', () => {
  it('shows those of the tenant only', async () => {
    const { agents } = listAgentsTool.output.parse(await read('list_agents', {}));
    expect(agents.map(({ agentId }) => agentId)).toEqual([
      ROOT.agentId,
      CHILD.agentId,
      OTHER.agentId,
    ]);
    expect(agents[1]).toEqual({
      agentId: CHILD.agentId,
      rootId: ROOT.agentId,
      parentId: ROOT.agentId,
      depth: 1,
      status: 'running',
      task: 'work of child',
      model: 'scripted:echo',
      updatedAt: '2026-11-23T10:00:00.000Z',
    });
  });

  it.each([
    [{ parentId: ROOT.agentId }, ['child']],
    [{ rootId: ROOT.agentId }, ['root', 'child']],
    [{ status: 'waiting' }, ['root']],
  ])('is narrowed by %j', async (input, names) => {
    const { agents } = listAgentsTool.output.parse(await read('list_agents', input));
    expect(agents.map(({ agentId }) => agentId)).toEqual(names.map(agentIdNamed));
  });

  it('comes in pages', async () => {
    const first = listAgentsTool.output.parse(await read('list_agents', { limit: 1 }));
    expect(first.agents).toHaveLength(1);
    const rest = await read('list_agents', { limit: 2, cursor: first.nextCursor });
    const { agents, nextCursor } = listAgentsTool.output.parse(rest);
    expect(agents.map(({ agentId }) => agentId)).toEqual([CHILD.agentId, OTHER.agentId]);
    expect(nextCursor).toBeUndefined();
  });

  it('is at most 200 long', async () => {
    const answer = await edge.call('list_agents', { limit: 201 });
    expect(answer).toMatchObject({ refused: { code: 'INVALID_ARGUMENTS' } });
  });
});

describe('an agent whose log can not be read on', () => {
  const setAside = {
    place: 'event 4',
    reason: 'it needs a release that knows X v2',
    isNewer: true,
  };

  it('is shown as failed, with the place, when it is damaged', async () => {
    const failure = { reason: 'DAMAGED_LOG', message: 'damaged at event 4', retryable: false };
    const row = agentRow('damaged', { status: 'failed', failure, revision: 9 });
    await edge.project(row);
    const { agentId } = row;
    expect(await read('get_agent_status', { agentId })).toMatchObject({ status: 'failed' });
    expect(await read('get_agent_result', { agentId })).toMatchObject({
      status: 'failed',
      failure,
    });
    expect(await read('wait_agent', { agentId })).toMatchObject({ status: 'failed' });
  });

  it('says what it waits for when a newer release wrote it', async () => {
    const row = agentRow('held', { setAside });
    await edge.project(row);
    const status = await read('get_agent_status', { agentId: row.agentId });
    expect(status).toMatchObject({ status: 'running', step: `held: ${setAside.reason}` });
    expect(getAgentStatusTool.output.safeParse(status).success).toBe(true);
  });

  it.each(['DAMAGED_LOG', 'NEWER_LOG'] as const)('is refused as %s', async (code) => {
    edge.owner.refuse = new RefusedError(rejection(code, 'at event 4'));
    const answer = await edge.call('get_agent_events', rootId, { role: 'viewer' });
    expect(answer).toMatchObject({ refused: { code, message: 'at event 4' } });
  });
});
