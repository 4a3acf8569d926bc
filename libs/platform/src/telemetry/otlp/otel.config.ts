import { z } from 'zod';
import { secretText } from '../../runtime/secret.js';

const text = () => z.string().optional();

/**
 * Variables of OpenTelemetry's specification that concern traces. All are texts here: what makes no sense is said at start
 * and counts as not set; it ends no process.
 */
export const otelVariables = {
  OTEL_SDK_DISABLED: text(),
  OTEL_SERVICE_NAME: text(),
  OTEL_RESOURCE_ATTRIBUTES: text(),
  OTEL_TRACES_EXPORTER: text(),
  OTEL_TRACES_SAMPLER: text(),
  OTEL_TRACES_SAMPLER_ARG: text(),
  OTEL_EXPORTER_OTLP_ENDPOINT: text(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text(),
  OTEL_EXPORTER_OTLP_PROTOCOL: text(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: text(),
  OTEL_EXPORTER_OTLP_HEADERS: secretText().optional(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: secretText().optional(),
  OTEL_EXPORTER_OTLP_TIMEOUT: text(),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: text(),
  OTEL_EXPORTER_OTLP_COMPRESSION: text(),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: text(),
  OTEL_EXPORTER_OTLP_INSECURE: text(),
  OTEL_EXPORTER_OTLP_TRACES_INSECURE: text(),
  OTEL_EXPORTER_OTLP_CERTIFICATE: text(),
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: text(),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: text(),
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: text(),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: text(),
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: text(),
  OTEL_BSP_SCHEDULE_DELAY: text(),
  OTEL_BSP_EXPORT_TIMEOUT: text(),
  OTEL_BSP_MAX_QUEUE_SIZE: text(),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: text(),
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: text(),
  OTEL_ATTRIBUTE_COUNT_LIMIT: text(),
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: text(),
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: text(),
  OTEL_SPAN_EVENT_COUNT_LIMIT: text(),
  OTEL_SPAN_LINK_COUNT_LIMIT: text(),
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: text(),
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: text(),
};

/** What `otelVariables` read as. */
export type OtelEnvironment = z.output<z.ZodObject<typeof otelVariables>>;
