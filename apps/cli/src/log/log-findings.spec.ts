import { describe, expect, it } from '@jest/globals';
import { renderDiagnosis } from './log-doctor-view.js';
import { findingsOf, type Examination } from './log-findings.js';

type Stream = Examination['streams'][number];

const stream = (name: string, more: Partial<Stream> = {}): Stream => ({
  name,
  messages: 0,
  bytes: 2_048,
  firstSequence: 1,
  lastSequence: 7,
  isDamaged: false,
  stuck: 0,
  ...more,
});
const found = (more: Partial<Examination>) => findingsOf({ streams: [], ...more });

describe('what is found in a system', () => {
  it('is nothing when all is well', () => {
    expect(found({ streams: [stream('LOG'), stream('RUN')] })).toEqual([]);
  });

  it.each(['CMD', 'RUN', 'KV_agents', 'KV_agents_b'])(
    'is damage that a repair makes good: %s',
    (name) => {
      const [finding] = found({ streams: [stream(name, { isDamaged: true })] });
      expect(finding).toMatchObject({ kind: 'damage' });
      expect(finding?.next).toContain('--repair');
    },
  );

  it.each(['LOG', 'AUTHLOG', 'KV_payloads', 'KV_oidc'])(
    'is damage that only a backup makes good: %s',
    (name) => {
      const [finding] = found({ streams: [stream(name, { isDamaged: true })] });
      expect(finding?.next).toContain('restore the newest backup');
    },
  );

  it('is a queue with messages that nobody will be given', () => {
    const [finding] = found({ streams: [stream('RUN', { stuck: 4 })] });
    expect(finding?.what).toContain('4 messages in RUN will never be delivered again');
  });

  it('is what a release before has left where others read it', () => {
    const [finding] = found({ leftBehind: ['principal-alice', 'principal-bob'] });
    expect(finding).toMatchObject({ kind: 'damage' });
    expect(finding?.what).toContain('2 users and clients');
    expect(finding?.next).toContain('skynet log upgrade');
  });

  it('is a notice when messages are parked', () => {
    const findings = found({ streams: [stream('DEAD', { messages: 3 })] });
    expect(findings).toMatchObject([
      { kind: 'notice', what: '3 messages are parked as dead letters.' },
    ]);
  });
});

describe('the report', () => {
  it('has a line for each stream, what was done, and what is left to do', () => {
    const streams = [
      stream('LOG'),
      stream('RUN', { isDamaged: true }),
      stream('CMD', { stuck: 2 }),
    ];
    const findings = [{ kind: 'damage' as const, what: 'it is broken.', next: 'Mend it.' }];
    expect(renderDiagnosis({ streams, findings, repaired: { remade: ['CMD', 'RUN'] } })).toEqual([
      'stream  messages  KiB  first  last',
      'LOG     0         2.0  1      7',
      'RUN     0         2.0  1      7     damaged',
      'CMD     0         2.0  1      7     2 stuck',
      '',
      'made anew: CMD, RUN',
      'damage: it is broken.',
      '  Mend it.',
    ]);
    expect(renderDiagnosis({ streams: [], findings: [] }).at(-1)).toBe('nothing is damaged');
  });
});

describe('a stream of the log that can not be read', () => {
  const fault = { stream: 'agent-x', place: 'event 3', reason: 'it is none', isNewer: false };

  it('is damage that nothing repairs', () => {
    const [finding] = found({ unreadable: [fault] });
    expect(finding).toMatchObject({
      kind: 'damage',
      what: 'agent-x is damaged at event 3: it is none.',
    });
    expect(finding?.next).not.toContain('--repair');
  });

  it('is worth to know, and no damage, when a newer release wrote it', () => {
    const [finding] = found({ unreadable: [{ ...fault, isNewer: true }] });
    expect(finding).toMatchObject({ kind: 'notice', next: expect.stringContaining('Upgrade') });
  });
});
