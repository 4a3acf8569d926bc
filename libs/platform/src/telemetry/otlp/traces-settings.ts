import type { SpanLimits } from '@opentelemetry/sdk-trace';
import type { OtelEnvironment } from './otel.config.js';
import { readOtlpSettings, type OtlpSettings } from './otlp-settings.js';
import {
  anyText,
  flag,
  oneOf,
  ratioOfTraces,
  SettingReader,
  wholeNumber,
} from './setting-reader.js';

export type { OtlpSettings } from './otlp-settings.js';

/** What the environment says about traces. */
export interface TracesSettings {
  /** Absent: no span leaves the process, for the reason in `because`. */
  readonly otlp?: OtlpSettings;
  readonly because?: string;
  readonly sampler: SamplerSettings;
  /** Default: the service's own. */
  readonly serviceName?: string;
  /** Of the process; they win over its own. */
  readonly resource: Readonly<Record<string, string>>;
  readonly limits: SpanLimits;
  /** Settings that make no sense, without their values: they count as not set. */
  readonly problems: readonly string[];
}

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export interface SamplerSettings {
  readonly name: (typeof samplers)[number];
  /** Part of the traces that is kept where the name says ratio. */
  readonly ratio: number;
}

/** `ratio`: of the traces begun here that is kept, 0 to 1, where no `OTEL_TRACES_SAMPLER` says otherwise. Never throws. */
export function readTracesSettings(environment: OtelEnvironment, ratio: number): TracesSettings {
  const reader = new SettingReader(environment);
  const settings = {
    ...readDestination(reader),
    sampler: readSampler(reader, ratio),
    serviceName: reader.first(['OTEL_SERVICE_NAME'], anyText),
    resource: reader.pairs('OTEL_RESOURCE_ATTRIBUTES', (key) => key.length <= KEY_MAX_CHARACTERS),
    limits: readLimits(reader),
  };
  return { ...settings, problems: [...new Set(reader.problems)] };
}

/** Where traces go, for people: endpoint, protocol and sampler, or why none leave. Without credentials. */
export function describeTraces({ otlp, because, sampler }: TracesSettings): string {
  if (otlp === undefined) return `nowhere: ${because}`;
  const { name, ratio } = sampler;
  const kept = name.endsWith('ratio') ? `${name} ${ratio}` : name;
  return `${endpointOf(otlp)} (${otlp.protocol}, ${kept})`;
}

/** The URL without user, password and query: there may be secrets in them. */
export function endpointOf({ url }: Pick<OtlpSettings, 'url'>): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname === '/' ? '' : pathname}`;
}

const KEY_MAX_CHARACTERS = 256;

type Destination = Pick<TracesSettings, 'otlp' | 'because'>;

function readDestination(reader: SettingReader): Destination {
  const exporter = reader.first(['OTEL_TRACES_EXPORTER'], oneOf('otlp', 'none'));
  if (reader.first(['OTEL_SDK_DISABLED'], flag) === true) return { because: 'OTEL_SDK_DISABLED' };
  if (exporter === 'none') return { because: 'OTEL_TRACES_EXPORTER is none' };
  const otlp = readOtlpSettings(reader, { isWanted: exporter === 'otlp' });
  if (otlp !== undefined) return { otlp };
  const isSet =
    reader.isSet('OTEL_EXPORTER_OTLP_ENDPOINT') ||
    reader.isSet('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  return {
    because: isSet
      ? 'no endpoint that can be used is set'
      : 'OTEL_EXPORTER_OTLP_ENDPOINT is not set',
  };
}

function readSampler(reader: SettingReader, ratio: number): SamplerSettings {
  const name = reader.first(['OTEL_TRACES_SAMPLER'], oneOf(...samplers));
  if (name === undefined) {
    return { name: ratio === 1 ? 'parentbased_always_on' : 'parentbased_traceidratio', ratio };
  }
  if (!name.endsWith('ratio')) return { name, ratio: 1 };
  return { name, ratio: reader.first(['OTEL_TRACES_SAMPLER_ARG'], ratioOfTraces) ?? 1 };
}

function readLimits(reader: SettingReader): SpanLimits {
  const count = wholeNumber(0);
  return {
    attributeValueLengthLimit: reader.first(
      ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
      count,
    ),
    attributeCountLimit: reader.first(
      ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
      count,
    ),
    eventCountLimit: reader.first(['OTEL_SPAN_EVENT_COUNT_LIMIT'], count),
    linkCountLimit: reader.first(['OTEL_SPAN_LINK_COUNT_LIMIT'], count),
    attributePerEventCountLimit: reader.first(
      ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
      count,
    ),
    attributePerLinkCountLimit: reader.first(
      ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
      count,
    ),
  };
}
