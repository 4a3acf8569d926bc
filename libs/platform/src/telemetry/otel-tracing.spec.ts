import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '@skynet/testing';
import { activeTrace } from '../runtime/active-trace.js';
import { noTracing } from './no-tracing.js';
import { noMetrics } from './metrics.port.js';
import { openTracing } from './open-tracing.js';
import { readTracesSettings } from './otlp/traces-settings.js';
import type { ShowText, Tracing } from './tracing.port.js';
import { silentLogger } from '../runtime/logger.js';
import { derivedSpanId, parseTraceparent } from '../runtime/traceparent.js';

const REMOTE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const UNSAMPLED = REMOTE.replace(/01$/, '00');

let receiver: OtlpReceiver;
let tracing: Tracing;

interface Options {
  readonly ratio?: number;
  readonly content?: boolean;
  readonly showText?: ShowText;
  readonly details?: 'messaging'[];
}

const open = ({ ratio = 1, content = false, details = [], showText }: Options = {}) =>
  openTracing({
    service: 'test',
    traces: readTracesSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, ratio),
    ...{ content, details, showText, metrics: noMetrics, log: silentLogger },
  });
const sent = async (): Promise<readonly ReceivedSpan[]> => {
  await tracing.close();
  return receiver.spans;
};

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  tracing = open();
});
afterEach(async () => {
  await tracing.close();
  await receiver.stop();
});

describe('a span', () => {
  it('arrives with what was said of it, below the one above', async () => {
    const above = tracing.start('above', { parent: REMOTE, kind: 'server' });
    const below = tracing.start('below', {
      parent: above.traceparent,
      attributes: { count: 1, absent: undefined },
      links: [REMOTE],
    });
    below.set({ late: 'yes' });
    below.fail('broken', 'why');
    below.end();
    above.end();
    expect(await sent()).toMatchObject([
      {
        service: 'test',
        name: 'below',
        traceId: 'a'.repeat(32),
        spanId: parseTraceparent(below.traceparent)?.spanId,
        parentSpanId: parseTraceparent(above.traceparent)?.spanId,
        links: ['b'.repeat(16)],
        attributes: { count: 1, late: 'yes', 'error.type': 'broken' },
        isError: true,
        message: 'why',
      },
      { name: 'above', parentSpanId: 'b'.repeat(16), isError: false },
    ]);
  });

  it('without one above begins a trace', async () => {
    tracing.start('first').end();
    tracing.start('second').end();
    const [first, second] = await sent();
    expect(first?.parentSpanId).toBeUndefined();
    expect(first?.traceId).not.toBe(second?.traceId);
  });

  it('has the id that was chosen for it, and only that one', async () => {
    const spanId = derivedSpanId('agent', '1');
    tracing.start('chosen', { spanId }).end();
    tracing.start('next').end();
    const [chosen, next] = await sent();
    expect(chosen?.spanId).toBe(spanId);
    expect(next?.spanId).not.toBe(spanId);
  });

  it('is not recorded when it is a detail that nobody asked for: what is below goes on from above', async () => {
    const left = tracing.start('send', { parent: REMOTE, detail: 'messaging' });
    expect(left.traceparent).toBe(REMOTE);
    left.end();
    const detailed = open({ details: ['messaging'] });
    detailed.start('asked for', { detail: 'messaging' }).end();
    await detailed.close();
    expect((await sent()).map(({ name }) => name)).toEqual(['asked for']);
  });

  it('begins and ends when it is said to, and says what happened meanwhile', async () => {
    const span = tracing.start('agent', { startMs: 1_000 });
    span.event('agent.queued', { 'skynet.queue': 'short' }, 2_000);
    span.end(61_000);
    expect(await sent()).toMatchObject([
      {
        ...{ startMs: 1_000, endMs: 61_000 },
        events: [{ name: 'agent.queued', atMs: 2_000, attributes: { 'skynet.queue': 'short' } }],
      },
    ]);
  });

  it('is sent while others are still under way', async () => {
    tracing.start('done').end();
    await receiver.until((spans) => spans.length === 1);
  });

  it('gives its trace to the work inside', () => {
    const span = tracing.start('work', { parent: REMOTE });
    const inside = span.within(() => activeTrace());
    expect(inside).toEqual(parseTraceparent(span.traceparent));
    expect(activeTrace()).toBeUndefined();
  });

  it('shows content only where the operator lets it', async () => {
    tracing.start('closed').setContent(() => {
      throw new Error('must not be read');
    });
    const open_ = open({ content: true });
    const span = open_.start('open');
    span.setContent((show) => ({ prompt: show('hello world', 5) }));
    span.end();
    await open_.close();
    expect(receiver.spans[0]?.attributes).toEqual({ prompt: 'hello' });
  });

  it('shows content as the process says, and does not look at any where it is not wanted', async () => {
    const showText = (text: string, chars: number) => text.replace('secret', '***').slice(0, chars);
    const closed = open({ showText });
    const shown = open({ content: true, showText });
    expect([closed.showText, shown.showText?.('a secret thing', 5)]).toEqual([undefined, 'a ***']);
    const span = shown.start('open');
    span.setContent((show) => ({ prompt: show('a secret thing', 9) }));
    span.end();
    await closed.close();
    await shown.close();
    expect(receiver.spans[0]?.attributes).toEqual({ prompt: 'a *** thi' });
  });
});

describe('what is kept', () => {
  it('is decided by the client where there is one', async () => {
    tracing.start('unwanted', { parent: UNSAMPLED }).end();
    const none = open({ ratio: 0 });
    none.start('wanted', { parent: REMOTE }).end();
    const own = none.start('own');
    own.end();
    await none.close();
    expect((await sent()).map(({ name }) => name)).toEqual(['wanted']);
    expect(own.traceparent).toMatch(/-00$/);
  });
});

describe('a receiver that is not there', () => {
  it('costs the spans and nothing else', async () => {
    await receiver.stop();
    tracing.start('lost').end();
    await expect(tracing.close()).resolves.toBeUndefined();
    receiver = await startOtlpReceiver();
  });
});

describe('without tracing', () => {
  it('the context of a caller is handed on', () => {
    const span = noTracing.start('work', { parent: REMOTE });
    expect(span.traceparent).toBe(REMOTE);
    expect(span.within(() => activeTrace()?.traceId)).toBe('a'.repeat(32));
    expect(noTracing.start('root').traceparent).toBeUndefined();
  });
});
