import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OddReceiver } from '../testing/odd-receiver.js';
import { EXPORTED, LOST, TracesTrial } from '../testing/traces-trial.js';

const FAILING = 'traces do not arrive: spans are lost, nothing else';
const WORKING = 'traces arrive again';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function newTrial(): TracesTrial {
  const trial = new TracesTrial();
  cleanups.push(() => trial.close());
  return trial;
}

async function oddReceiver(): Promise<OddReceiver> {
  const receiver = await new OddReceiver().start();
  cleanups.push(() => receiver.stop());
  return receiver;
}

describe('a receiver that does not take spans', () => {
  const hurried = { OTEL_EXPORTER_OTLP_TIMEOUT: '100' };

  it.each([
    [
      'answers 500',
      'refused',
      /HTTP status 500/,
      (_: unknown, response) => response.writeHead(500).end('k2-secret-k2'),
    ],
    [
      'answers 401',
      'refused',
      /HTTP status 401/,
      (_: unknown, response) => response.writeHead(401).end(),
    ],
    [
      'asks to come later',
      'busy',
      /429/,
      (_: unknown, response) => response.writeHead(429, { 'retry-after': '60' }).end(),
    ],
    ['hangs', 'timeout', /no answer in time/, () => undefined],
    [
      'closes in the middle',
      'unreachable',
      /socket hang up|ECONNRESET/,
      (request) => request.socket.destroy(),
    ],
    [
      'sends a page',
      'not_otlp',
      /no receiver of OTLP/,
      (_: unknown, response) => response.end('<html>hello</html>'),
    ],
  ] satisfies [string, string, RegExp, RequestListener][])(
    'because it %s is named once, and once when it does again',
    async (_title, reason, text, answer) => {
      const receiver = await oddReceiver();
      const well = receiver.answer;
      receiver.answer = answer;
      const trial = newTrial();
      const tracing = trial.open({
        ...hurried,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url.replace('//', '//me:pass-of-me@'),
        OTEL_EXPORTER_OTLP_HEADERS: 'x-key=k2-secret-k2',
      });
      tracing.start('first').end();
      await trial.until(() => trial.lost[reason] === 1);
      tracing.start('second').end();
      await trial.until(() => trial.lost[reason] === 2);
      receiver.answer = well;
      tracing.start('third').end();
      await trial.until(() => trial.texts.includes(WORKING));
      await tracing.close();
      expect(trial.lines).toEqual([
        {
          ...{ level: 'warn', message: FAILING },
          fields: { endpoint: `${receiver.url}/v1/traces`, reason: expect.stringMatching(text) },
        },
        {
          ...{ level: 'info', message: WORKING },
          fields: { endpoint: `${receiver.url}/v1/traces`, lostSpans: 2 },
        },
      ]);
      expect(trial.counts).toEqual({ [EXPORTED]: 1, [`${LOST} ${reason}`]: 2 });
      expect(JSON.stringify(trial.lines)).not.toMatch(/secret|pass-of-me/);
    },
  );

  it.each(['http/protobuf', 'http/json', 'grpc'])(
    'because nobody is there is named, over %s',
    async (protocol) => {
      const gone = await oddReceiver();
      await gone.stop();
      const trial = newTrial();
      const tracing = trial.open({
        ...hurried,
        OTEL_EXPORTER_OTLP_ENDPOINT: gone.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      });
      tracing.start('lost').end();
      await trial.until(() => trial.lines.length > 0);
      expect(trial.lines).toMatchObject([{ message: FAILING }]);
      expect(Object.values(trial.lost)).toEqual([1]);
    },
  );

  it('because it speaks something else is named', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end('SSH-2.0-Other\r\n');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    cleanups.push(async () => {
      server.close();
      await once(server, 'close');
    });
    const { port } = server.address() as AddressInfo;
    const trial = newTrial();
    const tracing = trial.open({
      ...hurried,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    });
    tracing.start('lost').end();
    await trial.until(() => trial.lines.length > 0);
    expect(trial.lines[0]?.fields?.['reason']).toMatch(/Parse Error|ECONNRESET|hang up/);
  });

  it('for a moment gets them when it asks for them again', async () => {
    const receiver = await oddReceiver();
    const well = receiver.answer;
    receiver.answer = (_request, response) => {
      receiver.answer = well;
      response.writeHead(503, { 'retry-after': '0' }).end();
    };
    const trial = newTrial();
    const tracing = trial.open({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    tracing.start('work').end();
    await trial.until(() => trial.counts[EXPORTED] === 1);
    expect(receiver.sizes).toHaveLength(2);
    expect(trial.lines).toEqual([]);
  });

  it('that are too many at a time gets them in parts, and only those that are too large alone are lost', async () => {
    const receiver = await oddReceiver();
    receiver.answer = (_request, response) => {
      response.writeHead((receiver.sizes.at(-1) ?? 0) > 100_000 ? 413 : 200).end();
    };
    const trial = newTrial();
    const tracing = trial.open({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const attributes = { text: 'x'.repeat(10_000) };
    for (let index = 0; index < 64; index += 1) tracing.start('small', { attributes }).end();
    for (const text of ['x', 'y']) {
      tracing.start('large', { attributes: { text: text.repeat(200_000) } }).end();
    }
    await tracing.close();
    expect(trial.counts).toEqual({ [EXPORTED]: 64, [`${LOST} too_large`]: 2 });
    expect(trial.texts).toEqual(['a span is larger than the receiver takes']);
  });

  it('however few they are is not asked again and again', async () => {
    const receiver = await oddReceiver();
    receiver.answer = (_request, response) => response.writeHead(413).end();
    const trial = newTrial();
    const tracing = trial.open({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    for (let index = 0; index < 100; index += 1) tracing.start('small').end();
    await tracing.close();
    expect(receiver.sizes).toHaveLength(1);
    expect(trial.counts).toEqual({ [`${LOST} too_large`]: 100 });
    expect(trial.texts).toEqual([FAILING]);
  });

  it('keeps a part of them is counted', async () => {
    const receiver = await oddReceiver();
    receiver.answer = (_request, response) => {
      response.end(JSON.stringify({ partialSuccess: { rejectedSpans: '1', errorMessage: 'old' } }));
    };
    const trial = newTrial();
    const tracing = trial.open({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    });
    tracing.start('kept').end();
    tracing.start('not kept').end();
    await tracing.close();
    expect(trial.counts).toEqual({ [EXPORTED]: 1, [`${LOST} refused`]: 1 });
  });
});

describe('a receiver that hangs', () => {
  const hanging = async () => {
    const receiver = await oddReceiver();
    receiver.answer = () => undefined;
    return receiver;
  };

  it('leaves a queue that is bounded: what is beyond is counted, and said once', async () => {
    const receiver = await hanging();
    const trial = newTrial();
    const tracing = trial.open({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
    });
    for (let index = 0; index < 1_000; index += 1) tracing.start('span').end();
    expect(trial.lost).toEqual({ queue_full: 890 });
    expect(trial.texts).toEqual(['spans are lost: more are made than leave']);
    await tracing.close();
    expect(trial.lost).toEqual({ queue_full: 890, closing: 110 });
  });

  it('leaves a queue that is bounded by the size of spans as well', async () => {
    const receiver = await hanging();
    const trial = newTrial();
    const tracing = trial.open({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const text = 'x'.repeat(1024 * 1024);
    for (let index = 0; index < 40; index += 1)
      tracing.start('span', { attributes: { text } }).end();
    expect(trial.lost).toEqual({ queue_full: 9 });
  });

  it('does not keep the process: what is left is counted', async () => {
    const receiver = await hanging();
    const trial = newTrial();
    const tracing = trial.open({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    tracing.start('left').end();
    await tracing.close();
    expect(trial.lost).toEqual({ closing: 1 });
    expect(trial.texts).toEqual(['the last spans did not arrive in time']);
  });
});
