import { describe, expect, it } from '@jest/globals';
import { ManualClock, recordingLogger } from '@skynet/testing';
import { Readiness } from './readiness.js';

/** A check that is answered by hand. */
class HandCheck {
  readonly name = 'storage';
  runs = 0;
  pass: () => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  check(): Promise<void> {
    this.runs += 1;
    return new Promise((resolve, reject) => {
      this.pass = resolve;
      this.fail = reject;
    });
  }
}

class PassingCheck {
  readonly name = 'nats';

  check(): Promise<void> {
    return Promise.resolve();
  }
}

function readiness() {
  const clock = new ManualClock();
  const { log, lines } = recordingLogger();
  const check = new HandCheck();
  return { asked: new Readiness([check], log, clock), check, clock, lines };
}

describe('many who ask whether a service is ready', () => {
  it('share one run of the checks', async () => {
    const { asked, check, clock } = readiness();
    const reports = Array.from({ length: 100 }, () => asked.report());
    await clock.advance(1_500);
    reports.push(asked.report());
    check.pass();
    for (const report of reports) expect(await report).toMatchObject({ ready: true });
    expect(check.runs).toBe(1);
  });

  it('get the same report for a second', async () => {
    const { asked, check, clock } = readiness();
    const first = asked.report();
    check.pass();
    await first;
    await clock.advance(999);
    await asked.report();
    expect(check.runs).toBe(1);
    await clock.advance(1);
    const next = asked.report();
    check.fail(new Error('disk full'));
    expect(await next).toEqual({ ready: false, checks: { storage: false } });
    expect(check.runs).toBe(2);
  });

  it('see soon that a service became ready', async () => {
    const { asked, check, clock } = readiness();
    const first = asked.report();
    check.fail(new Error('starting'));
    await first;
    await clock.advance(199);
    expect(await asked.report()).toMatchObject({ ready: false });
    await clock.advance(1);
    const next = asked.report();
    check.pass();
    expect(await next).toMatchObject({ ready: true });
  });
});

describe('the log of a service whose check fails for a while', () => {
  it('has a line when it begins, with the reason, and one when it ends', async () => {
    const { asked, check, clock, lines } = readiness();
    for (const reason of ['disk full', 'still full']) {
      const report = asked.report();
      check.fail(new Error(reason));
      await report;
      await clock.advance(200);
    }
    const last = asked.report();
    check.pass();
    await last;
    expect(lines).toMatchObject([
      { check: 'storage', error: { message: 'disk full' } },
      { check: 'storage', message: 'health check passes again' },
    ]);
  });
});

describe('a check that passes with something worth to know', () => {
  it('leaves the service ready, and says it', async () => {
    const { log } = recordingLogger();
    const check = { name: 'projection', check: () => Promise.resolve(), notice: () => '2 streams' };
    const asked = new Readiness([check, new PassingCheck()], log, new ManualClock());
    expect(await asked.report()).toEqual({
      ready: true,
      checks: { projection: true, nats: true },
      notices: { projection: '2 streams' },
    });
  });
});
