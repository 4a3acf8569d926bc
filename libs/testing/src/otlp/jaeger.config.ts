/** A real Jaeger for tests. */
export interface TestJaeger {
  /** Of its page and its query API. */
  readonly url: string;
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly otlpUrl: string;
}

/**
 * The Jaeger of `SKYNET_TEST_JAEGER`, for example `http://127.0.0.1:16686`, which takes spans on port 4318 of the same host;
 * undefined when there is none. The tests leave their traces there.
 */
export function testJaeger(): TestJaeger | undefined {
  const named = process.env['SKYNET_TEST_JAEGER'];
  if (named === undefined || named === '') return undefined;
  const { origin, hostname } = new URL(named);
  return { url: origin, otlpUrl: `http://${hostname}:4318` };
}
