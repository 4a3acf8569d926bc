import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecordedSpan, recordingLimits } from '../recorded-span.js';
import type { SpanAttributes } from '../tracing.port.js';
import { processResource } from './process-resource.js';
import { encodeSpans } from './span-encoder.js';
import { readTracesSettings } from './traces-settings.js';

const RESOURCE = processResource('encoded', readTracesSettings({}, 1));
const SCOPE = { name: 'skynet-mcp' };
const hex = (length: number) =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length });
const idOf = (digits: readonly string[]) => digits.join('');
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 20_000, size: 'max' }),
  fc.constantFrom('\ud800', 'ä'.repeat(43), '€'.repeat(42), 'a'.repeat(127), 'a'.repeat(128)),
);
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, -1, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2 ** 63, -(2 ** 63), 1e300),
);
const attributes: fc.Arbitrary<SpanAttributes> = fc.dictionary(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.oneof(text, number, fc.boolean(), fc.array(text, { maxLength: 4 })),
  { maxKeys: 12 },
);
const context = fc.record({
  traceId: hex(32).map(idOf),
  spanId: hex(16).map(idOf),
  isSampled: fc.boolean(),
});
const timeMs = fc.oneof(
  fc.constantFrom(0, 1_700_000_000_000.123),
  fc.double({ min: 0, max: 4e12, noNaN: true }),
);
const span: fc.Arbitrary<ReadableSpan> = fc
  .record({
    ...{ name: text, own: context, above: fc.option(context, { nil: undefined }), attributes },
    kind: fc.constantFrom('server', 'client', 'producer', 'consumer', 'internal'),
    links: fc.array(context, { maxLength: 3 }),
    events: fc.array(fc.record({ name: text, attributes, timeMs }), { maxLength: 3 }),
    ...{ startMs: timeMs, endMs: timeMs, failure: fc.option(text, { nil: undefined }) },
  })
  .map(({ name, own, above, events, links, endMs, failure, ...options }) => {
    const ended: ReadableSpan[] = [];
    const recording = {
      ...{ resource: RESOURCE, scope: SCOPE, showText: undefined },
      limits: recordingLimits({ attributeCountLimit: 8, eventCountLimit: 2, linkCountLimit: 2 }),
      onEnd: (one: ReadableSpan) => ended.push(one),
    };
    const linked = links.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`);
    const made = new RecordedSpan(recording, name, { own, above }, { ...options, links: linked });
    for (const event of events) made.event(event.name, event.attributes, event.timeMs);
    if (failure !== undefined) made.fail('broken', failure);
    made.end(endMs);
    return ended[0] ?? made;
  });

describe('spans in the wire format of OTLP', () => {
  it('are what the serializer of OpenTelemetry writes, byte for byte', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 4 }), (spans) => {
        const expected = ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array();
        expect(Buffer.from(encodeSpans(spans)).equals(expected)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('are nothing when there are none', () => {
    expect(encodeSpans([])).toHaveLength(0);
  });
});
