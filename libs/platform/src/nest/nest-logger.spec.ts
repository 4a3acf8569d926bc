import { describe, expect, it } from '@jest/globals';
import { recordingLogger } from '@skynet/testing';
import { NestLogger } from './nest-logger.adapter.js';

describe('a line that Nest logs', () => {
  it('is a line of ours, with the name of who logged it', () => {
    const { log, lines } = recordingLogger();
    const nest = new NestLogger(log);
    nest.log('started', 'NestFactory');
    nest.warn('odd');
    nest.debug('detail', 'Injector');
    nest.verbose('more detail');
    expect(lines).toMatchObject([
      { level: 'info', message: 'started', context: 'NestFactory' },
      { level: 'warn', message: 'odd' },
      { level: 'debug', message: 'detail', context: 'Injector' },
      { level: 'debug', message: 'more detail' },
    ]);
  });

  it('keeps an error and its stack', () => {
    const { log, lines } = recordingLogger();
    const nest = new NestLogger(log);
    nest.error(new Error('broken'), 'ExceptionsHandler');
    nest.error('broken', 'Error: broken\n    at here', 'ExceptionsHandler');
    nest.fatal('gone');
    expect(lines).toMatchObject([
      { level: 'error', message: 'broken', error: { name: 'Error' }, context: 'ExceptionsHandler' },
      { level: 'error', stack: expect.stringContaining('at here'), context: 'ExceptionsHandler' },
      { level: 'error', message: 'gone' },
    ]);
  });
});
