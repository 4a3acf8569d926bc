import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { withinFields, withinTrace } from '../runtime/active-trace.js';
import { silentLogger } from '../runtime/logger.js';
import { createLogger, type LoggerOptions } from './pino-logger.adapter.js';

function written(options: LoggerOptions = {}) {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const log = createLogger({ clock: new ManualClock(0), ...options, write });
  return { log, lines, parsed: () => lines.map((line): unknown => JSON.parse(line)) };
}

describe('a line of the log', () => {
  it('is one JSON object with time, level, text and fields', () => {
    const { log, lines } = written({ fields: { service: 'edge' } });
    log.info('line one\nline two', { agentId: 'a' });
    expect(lines).toEqual([
      '{"level":"info","time":"1970-01-01T00:00:00.000Z","service":"edge","agentId":"a","message":"line one\\nline two"}\n',
    ]);
  });

  it('is written as it was masked, with all that belongs to an error', () => {
    const { log, lines } = written({ mask: (line) => line.replaceAll('of-mine', '***') });
    const cause = new Error('key of-mine');
    log.child({ of: 'of-mine' }).warn('of-mine', { error: new Error('no', { cause }) });
    expect(lines[0]).toContain('key ***');
    expect(lines[0]).not.toContain('of-mine');
  });

  it('is written from its level up', () => {
    const { log, parsed } = written({ level: 'warn' });
    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
    expect(parsed()).toMatchObject([{ level: 'warn' }, { level: 'error' }]);
  });

  it('has the fields of the logger it came from', () => {
    const { log, parsed } = written({ fields: { service: 'edge' } });
    log.child({ agentId: 'a' }).child({ epoch: 2 }).warn('text', { epoch: 3 });
    expect(parsed()).toMatchObject([{ service: 'edge', agentId: 'a', epoch: 3, level: 'warn' }]);
  });

  it('has the fields of the work that it is written in', () => {
    const { log, parsed } = written();
    withinFields({ agentId: 'a' }, () => {
      withinFields({ rootId: 'r' }, () => log.info('inside'));
      log.info('between');
    });
    log.info('outside');
    expect(parsed()).toMatchObject([
      { message: 'inside', agentId: 'a', rootId: 'r' },
      { message: 'between', agentId: 'a' },
      expect.not.objectContaining({ agentId: expect.anything() }),
    ]);
  });

  it('names the trace that it is written in', () => {
    const { log, parsed } = written();
    const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)];
    withinTrace(`00-${traceId}-${spanId}-01`, () => log.info('inside'));
    log.info('outside');
    expect(parsed()).toEqual([
      expect.objectContaining({ message: 'inside', traceId, spanId }),
      expect.not.objectContaining({ traceId: expect.anything() }),
    ]);
  });

  it('tells an error with its causes', () => {
    const { log, parsed } = written();
    log.error('failed', { error: new Error('outer', { cause: new TypeError('inner') }) });
    expect(parsed()).toMatchObject([
      {
        error: {
          name: 'Error',
          message: 'outer',
          stack: expect.stringContaining('logger.spec'),
          cause: { name: 'TypeError', message: 'inner' },
        },
      },
    ]);
  });

  it('is written even when a field can not be', () => {
    const { log, parsed } = written();
    const circle: { self?: unknown } = {};
    circle.self = circle;
    log.info('circle', { circle });
    log.info('big', { big: 10n });
    expect(parsed()).toMatchObject([
      { message: 'circle', circle: { self: '[Circular]' } },
      { message: 'big', big: 10 },
    ]);
  });
});

describe('a line that is written again and again', () => {
  it('is written so often in ten seconds, and then counted', async () => {
    const clock = new ManualClock(0);
    const { log, parsed } = written({ clock });
    for (let times = 0; times < 1_000; times += 1) log.child({ times }).warn('no connection');
    log.warn('something else');
    expect(parsed()).toHaveLength(101);
    await clock.advance(10_000);
    log.warn('no connection', { agentId: 'a' });
    log.warn('no connection');
    expect(parsed().slice(101)).toMatchObject([
      { message: 'no connection', agentId: 'a', suppressed: 900 },
      expect.not.objectContaining({ suppressed: expect.anything() }),
    ]);
  });
});

const isLinux = existsSync('/dev/full');

describe('a file that takes nothing more', () => {
  (isLinux ? it : it.skip)('ends nothing (needs /dev/full)', () => {
    const file = openSync('/dev/full', 'w');
    const log = createLogger({ file });
    for (let times = 0; times < 10; times += 1)
      log.error(`lost ${times}`, { text: 'x'.repeat(9_999) });
    closeSync(file);
  });
});

describe('the silent logger', () => {
  it('takes everything and says nothing', () => {
    const { debug, info, warn, error } = silentLogger.child({ a: 1 });
    for (const level of [debug, info, warn, error]) expect(level('text')).toBeUndefined();
  });
});
