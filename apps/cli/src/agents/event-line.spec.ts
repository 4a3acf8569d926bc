import { describe, expect, it } from '@jest/globals';
import { recordingTerminal } from '../testing/recording-terminal.js';
import { renderEvent } from './event-line.js';

const event = {
  revision: 12,
  type: 'AgentAdmitted',
  time: '2026-01-02T03:04:05.678Z',
  epoch: 1,
  data: { text: 'a\u001bb'.repeat(50) },
};

describe('an event', () => {
  it('stands on one line of the terminal, with its place, time and type', () => {
    const line = renderEvent(event, recordingTerminal({ columns: 80 }));
    expect(line.startsWith('   12 03:04:05.678 AgentAdmitted      {"text":"a')).toBe(true);
    expect(line).toHaveLength(80);
    expect(line).not.toContain('\u001b');
  });
});
