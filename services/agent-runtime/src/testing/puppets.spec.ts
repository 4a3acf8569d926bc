import { ModelError } from '../models/model.port.js';
import { PuppetModels } from './puppets.js';
import { modelProviderSuite, type ModelBehaviour } from './suites/model-provider.suite.js';

modelProviderSuite('of the puppets', () => {
  const provider = new PuppetModels();
  let reached = Promise.resolve();
  const behave = async (behaviour: ModelBehaviour) => {
    const call = await provider.next();
    if (behaviour.kind === 'fail') {
      const { message, retryable } = behaviour;
      call.fail(new ModelError(message, { retryable }));
    }
    if (behaviour.kind !== 'answer') return;
    const { text, toolCalls = [] } = behaviour;
    const written = toolCalls.map((toolCall) => ({
      name: toolCall.name,
      arguments: JSON.stringify(toolCall.arguments),
    }));
    call.answer({ text, toolCalls: written });
  };
  return Promise.resolve({
    provider,
    name: 'any',
    prepare: (behaviour) => {
      reached = behave(behaviour);
      return 'count the stars';
    },
    reached: () => reached,
    dispose: () => Promise.resolve(),
  });
});
