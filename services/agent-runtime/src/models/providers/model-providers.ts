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
import { ScriptedModels } from '../scripted/scripted.adapter.js';

export type ModelsConfig = Partial<Pick<AgentRuntimeConfig, 'anthropic' | 'secretsPath'>> &
  Pick<AnthropicOptions, 'secrets'>;

/** The providers that the configuration switches on; the others say what they lack. */
export function modelProviders(
  { anthropic, secretsPath, secrets }: ModelsConfig,
  registry: CurrentRegistry,
  clock: Clock,
): ModelProvider[] {
  return [
    new ScriptedModels(registry, clock),
    anthropic === undefined
      ? new AbsentProvider(ANTHROPIC, 'ANTHROPIC_API_KEY is not set')
      : new AnthropicModels({ ...anthropic, secretsPath, secrets, clock }),
  ];
}
