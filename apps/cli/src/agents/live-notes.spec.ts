import { describe, expect, it } from '@jest/globals';
import { agentIdOf, type AgentText } from '@skynet/contracts';
import { recordingTerminal } from '../testing/recording-terminal.js';
import { liveNotes, type FollowOptions } from './live-notes.js';

const ROOT = agentIdOf('00000000-0000-7000-8000-000000000001');
const BELOW = agentIdOf('00000000-0000-7000-8000-000000000002');

function followed(options: FollowOptions = { follow: true }) {
  const terminal = recordingTerminal();
  const { onText, onProgress, textOf } = liveNotes(terminal, options);
  const write = (text: string, more: Partial<AgentText> = {}) =>
    onText?.({ agentId: ROOT, rootId: ROOT, callId: 'm1', at: 0, state: 'open', text, ...more });
  return { write, onText, onProgress, textOf, shown: () => terminal.noted };
}

describe('what an agent writes', () => {
  it('is shown only where that is asked for', () => {
    expect(followed({}).onText).toBeUndefined();
    expect(followed().textOf).toBe('agent');
    expect(followed({ followTree: true }).textOf).toBe('tree');
  });

  it('goes on where it was, until there is no more', () => {
    const { write, shown } = followed();
    write('Seven ');
    write('stars.', { at: 6, state: 'done' });
    expect(shown()).toEqual(['Seven ', 'stars.', '\n']);
  });

  it('has a mark where some of it was lost', () => {
    const { write, shown } = followed();
    write('stars', { at: 6 });
    write('.', { at: 20 });
    expect(shown()).toEqual(['[…] ', 'stars', '[…] ', '.']);
  });

  it('is dropped with a word when the call brought no answer', () => {
    const { write, shown } = followed();
    write('Six');
    write('', { at: 3, state: 'dropped' });
    write('Seven', { callId: 'm2' });
    expect(shown()).toEqual(['Six', '\n', 'the text above is dropped', 'Seven']);
  });

  it('says who writes below the agent, on a line for each', () => {
    const { write, shown } = followed({ followTree: true });
    write('Stars');
    write('Moons', { agentId: BELOW, template: 'searcher' });
    write('.', { at: 5 });
    expect(shown()).toEqual(['Stars', '\n', `searcher ${BELOW}: `, 'Moons', '\n', '.']);
  });

  it('lets no other note into its line', () => {
    const { write, onProgress, shown } = followed();
    write('Seven');
    onProgress?.('running: reading');
    expect(shown()).toEqual(['Seven', '\n', 'running: reading']);
  });
});
