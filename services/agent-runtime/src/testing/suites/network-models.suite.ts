import { expect } from '@jest/globals';
import { eventually, type ApiBehaviour } from '@skynet/testing';
import {
  modelProviderSuite,
  type ModelBehaviour,
  type ModelsUnderTest,
} from './model-provider.suite.js';
import { strictToolsSuite } from './strict-tools.suite.js';
import { remoteModelsSuite, type RemoteLacks, type RemoteModels } from './remote-models.suite.js';

/** Both suites: that of the port, and that of whatever is reached over the network. */
export function networkModelsSuite(
  of: string,
  make: () => Promise<RemoteModels>,
  lacks: RemoteLacks = {},
): void {
  remoteModelsSuite(of, make, lacks);
  strictToolsSuite(of, make);
  modelProviderSuite(of, async () => underTest(await make()), {
    unknownName: 'only the vendor knows its models',
    absent: lacks.missingKey,
  });
}

function underTest({ api, name, provider }: RemoteModels): ModelsUnderTest {
  return {
    provider: provider(),
    name,
    absent: provider({ apiKey: 'secret://nowhere', secretsPath: '/nowhere' }),
    prepare: (behaviour) => {
      api.script(behaviourOf(behaviour));
      return 'count the stars';
    },
    reached: () => eventually(() => expect(api.requests).toHaveLength(1)),
    dispose: () => api.stop(),
  };
}

function behaviourOf(behaviour: ModelBehaviour): ApiBehaviour {
  switch (behaviour.kind) {
    case 'answer': {
      const { text, toolCalls = [] } = behaviour;
      const calls = toolCalls.map((call) => ({ name: call.name, input: call.arguments }));
      return { kind: 'answer', texts: text === '' ? [] : [text], toolCalls: calls };
    }
    case 'fail': {
      const { message, retryable } = behaviour;
      return { kind: 'refuse', status: retryable ? 500 : 400, message };
    }
    case 'stall':
      return { kind: 'breakOff', how: 'stall', answer: { texts: ['…'] } };
  }
}
