import type { Clock } from '@skynet/platform';
import type { AgentRuntimeConfig } from '../../config/agent-runtime.config.js';
import type { CurrentRegistry } from '../../registry/registry-source.js';
import { AbsentProvider } from './absent-provider.js';
import {
  ANTHROPIC,
  AnthropicModels,
  type AnthropicOptions,
} from '../anthropic/anthropic.adapter.js';
import type { ModelProvider } from '../model.port.js';
import { EndpointModels } from '../vendors/endpoint-models.adapter.js';
import { VendorModels } from '../vendors/vendor-models.adapter.js';
import { vendors } from '../vendors/vendor-table.js';
import { ScriptedModels } from '../scripted/scripted.adapter.js';

export type ModelsConfig = Partial<
  Pick<AgentRuntimeConfig, 'anthropic' | 'vendorKeys' | 'awsRegion' | 'secretsPath'>
> &
  Pick<AnthropicOptions, 'secrets'>;

/** The providers that the configuration switches on; the others say what they lack. */
export function modelProviders(
  { anthropic, vendorKeys = {}, awsRegion: region, secretsPath, secrets }: ModelsConfig,
  registry: CurrentRegistry,
  clock: Clock,
): ModelProvider[] {
  const means = { registry, clock, secrets };
  const aws = {
    accessKeyId: vendorKeys.AWS_ACCESS_KEY_ID,
    secretAccessKey: vendorKeys.AWS_SECRET_ACCESS_KEY,
    sessionToken: vendorKeys.AWS_SESSION_TOKEN,
    region,
  };
  const one = [
    new ScriptedModels(registry, clock),
    anthropic === undefined
      ? new AbsentProvider(ANTHROPIC, 'ANTHROPIC_API_KEY is not set')
      : new AnthropicModels({ ...anthropic, secretsPath, secrets, clock }),
    ...Object.values(vendors).map((vendor) => {
      const apiKey = vendorKeys[vendor.keyName];
      return new VendorModels(vendor, { ...means, apiKey, aws, secretsPath });
    }),
  ];
  const prefixes = one.map(({ prefix }) => prefix);
  return [...one, new EndpointModels(means, prefixes)];
}
