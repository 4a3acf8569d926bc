import { ROOT_CONTEXT } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { TraceContext } from '../../runtime/traceparent.js';
import type { SamplerSettings } from './traces-settings.js';

/** Whether a span is kept. `above`: the span above it; absent where it begins a trace. */
export type Sampler = (traceId: string, above: TraceContext | undefined) => boolean;

export function samplerOf({ name, ratio }: SamplerSettings): Sampler {
  const byId = new TraceIdRatioBasedSampler(ratio);
  const keeps = (traceId: string) =>
    byId.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
  switch (name) {
    case 'always_on':
      return () => true;
    case 'always_off':
      return () => false;
    case 'traceidratio':
      return keeps;
    case 'parentbased_always_on':
      return (_traceId, above) => above?.isSampled ?? true;
    case 'parentbased_always_off':
      return (_traceId, above) => above?.isSampled ?? false;
    case 'parentbased_traceidratio':
      return (traceId, above) => above?.isSampled ?? keeps(traceId);
  }
}
