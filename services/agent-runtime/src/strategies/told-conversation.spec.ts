import { describe, expect, it } from '@jest/globals';
import type { ModelMessage } from '../models/model.port.js';
import { NOTHING_LEFT, writeNote } from './strategy-note.js';
import { toldConversation } from './told-conversation.js';

const task: ModelMessage = { role: 'user', text: 'count the stars' };

function turn(number: number, stage = 'work'): ModelMessage {
  const parts = [{ key: '1', title: 'one' }];
  const thinking = writeNote({ strategy: 'x', turn: number, stage, left: NOTHING_LEFT, parts });
  const calls = ['spawn', 'await'].map((id) => ({ id: `${number}${id}`, name: id, arguments: '' }));
  return { role: 'assistant', text: 'why', toolCalls: calls, thinking };
}

function result(id: string, content: string): ModelMessage {
  return { role: 'tool', toolCallId: id, content, isError: false };
}

const spawned = result('0spawn', '{"agentId":"a","status":"queued"}');

describe('what a strategy reads in a conversation', () => {
  it('says that turns are gone when it does not begin with the first', () => {
    expect(toldConversation([task, turn(0), turn(1)]).isCut).toBe(false);
    expect(toldConversation([task, { role: 'user', text: 'summary' }, turn(3)])).toMatchObject({
      isCut: true,
      said: ['summary'],
    });
  });

  it('says that a result is gone, and takes what was told last of an agent', () => {
    const gone = result('0await', '[result of await_agents, 9000 bytes, left out to save room]');
    const [step] = toldConversation([task, turn(0), spawned, gone]).steps;
    expect(step?.results).toMatchObject([
      { status: 'unknown', problem: expect.stringContaining('left out') },
    ]);
    const early = '{"reason":"message","agents":[{"agentId":"a","status":"running"}]}';
    const late = '{"reason":"met","agents":[{"agentId":"a","status":"completed","output":"7"}]}';
    const told = [task, turn(0), spawned, result('0await', early)];
    expect(toldConversation(told)).toMatchObject({ isInterrupted: true, turns: 1 });
    const more = toldConversation([...told, result('1await', late)]);
    expect(more.steps[0]?.results).toMatchObject([{ status: 'completed', text: '7' }]);
  });

  it('takes what a model thought for what it is', () => {
    const thought = { ...turn(0), thinking: '{"model":"m","blocks":[]}' } as ModelMessage;
    expect(toldConversation([task, thought])).toMatchObject({ steps: [], turns: 0, isCut: false });
  });
});
