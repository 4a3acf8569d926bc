import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, startStackIn, testJaeger, type Stack } from '@skynet/testing';

interface JaegerSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
  readonly warnings: readonly string[] | null;
}

const jaeger = testJaeger();
/** A tree of three levels with two children each has so many agents. */
const AGENTS = 7;

let stack: Stack;
const traceId = randomBytes(16).toString('hex');

async function spansOf(trace: string): Promise<readonly JaegerSpan[]> {
  const answer = await fetch(`${jaeger?.url}/api/traces/${trace}`);
  if (!answer.ok) return [];
  const { data } = (await answer.json()) as { data: { spans: readonly JaegerSpan[] }[] };
  return data[0]?.spans ?? [];
}

const parentOf = ({ references }: JaegerSpan) =>
  references.find(({ refType }) => refType === 'CHILD_OF')?.spanID;

function depthOf(span: JaegerSpan, byId: ReadonlyMap<string, JaegerSpan>): number {
  const parent = byId.get(parentOf(span) ?? '');
  return parent === undefined ? 1 : 1 + depthOf(parent, byId);
}

(jaeger === undefined ? describe.skip : describe)('a tree in a real Jaeger', () => {
  let spans: readonly JaegerSpan[];

  beforeAll(async () => {
    stack = await startStackIn({ OTEL_EXPORTER_OTLP_ENDPOINT: jaeger?.otlpUrl ?? '' });
    const client = await stack.connect();
    const description = JSON.stringify({ depth: 3, fanOut: 2 });
    const spawned = { task: { description }, model: { id: 'scripted:tree' }, name: 'counter' };
    await client.call('spawn_agent', spawned, {
      traceparent: `00-${traceId}-${'d'.repeat(16)}-01`,
    });
    await eventually(async () => {
      spans = await spansOf(traceId);
      const lives = spans.filter(({ operationName }) => operationName.startsWith('invoke_agent'));
      expect(lives).toHaveLength(AGENTS);
    });
  }, 60_000);

  afterAll(() => stack.stop(), 20_000);

  it('is told without a warning but that the client has no span, and nothing is red', () => {
    const warnings = spans.flatMap((span) => span.warnings ?? []);
    expect(warnings.filter((text) => !/invalid parent span/i.test(text))).toEqual([]);
    const red = spans.filter(({ tags }) => tags.some(({ key, value }) => key === 'error' && value));
    expect(red.map(({ operationName }) => operationName)).toEqual([]);
  });

  it('hangs together, and is no deeper than agents are', () => {
    const byId = new Map(spans.map((span) => [span.spanID, span]));
    expect(byId.size).toBe(spans.length);
    const orphans = spans.filter((span) => !byId.has(parentOf(span) ?? ''));
    expect(orphans.map(({ operationName }) => operationName)).toEqual(['tools/call spawn_agent']);
    expect(Math.max(...spans.map((span) => depthOf(span, byId)))).toBe(5);
    expect(spans.some(({ operationName }) => operationName === 'invoke_agent counter')).toBe(true);
  });
});
