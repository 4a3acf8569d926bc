import { describe, expect, it } from '@jest/globals';
import type { AgentResult } from '@skynet/client';
import { recordingTerminal } from '../testing/recording-terminal.js';
import { printResult } from './result-view.js';

const completed: AgentResult = {
  agentId: 'a',
  status: 'completed',
  output: 'four\u001b[2J\n',
  usage: { inputTokens: 1, outputTokens: 1, costMicroUsd: 0 },
  children: [],
};
const failure = { reason: 'TASK_FAILED', message: 'no idea', retryable: false };

describe('the result of an agent', () => {
  it('goes to standard output alone', () => {
    const terminal = recordingTerminal();
    printResult(terminal, completed, false);
    expect([terminal.printed, terminal.noted]).toEqual([['four\u001b[2J\n'], []]);
  });

  it('comes with the reason when the agent failed, beside the output', () => {
    const terminal = recordingTerminal();
    const failed = { ...completed, status: 'failed' as const, output: '', partial: true, failure };
    printResult(terminal, failed, false);
    expect([terminal.printed, terminal.noted]).toEqual([[], ['failed: TASK_FAILED: no idea']]);
  });

  it('says which tools the agent worked without', () => {
    const terminal = recordingTerminal();
    const toolsLeftOut = [{ tool: 'files__*', reason: 'files: no connection' }];
    printResult(terminal, { ...completed, toolsLeftOut }, false);
    expect(terminal.noted).toEqual(['worked without files__* (files: no connection)']);
  });

  it('is one line of JSON on request', () => {
    const terminal = recordingTerminal();
    printResult(terminal, completed, true);
    expect(terminal.printed).toEqual([JSON.stringify(completed)]);
  });
});
