import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { words } from './oracle/evidence.js';
import { reportOf } from './report.js';
import { runChaos, type ChaosOutcome } from './run-chaos.js';
import type { ChaosOptions } from './options.js';

const LIMIT_MS = 400_000;
const options: ChaosOptions = {
  ...{
    kills: 6,
    servers: 1,
    seed: 46427,
    seconds: 10,
    load: 0.3,
    patience: 90,
    away: 10,
    pause: 1,
  },
};

describe('a stack whose processes are killed, stopped and starved while agents work', () => {
  const notes: string[] = [];
  const interrupted = new AbortController();
  let outcome: ChaosOutcome;

  beforeAll(async () => {
    outcome = await runChaos(options, (note) => notes.push(note), interrupted.signal);
  }, LIMIT_MS);
  afterAll(() => interrupted.abort());

  it('was harmed as often as planned, and worked', () => {
    expect(notes.filter((note) => /^\d\/6 /.test(note))).toHaveLength(6);
    expect(outcome.evidence.acknowledged.size).toBeGreaterThan(5);
    expect(outcome.evidence.calls.length).toBeGreaterThan(0);
  });

  it('refused spawns in their answers while its disk was full', () => {
    const full = notes.filter((note) => note.includes('had no room'));
    expect(full).toEqual([expect.stringMatching(/ spawns \(.*\b(OVERLOADED|UNAVAILABLE)\b/)]);
  });

  it.each(words)('has nothing %s', (word) => {
    const found = outcome.findings.filter((finding) => finding.word === word);
    expect([...found, ...(found.length === 0 ? [] : reportOf(outcome, options))]).toEqual([]);
  });
});
