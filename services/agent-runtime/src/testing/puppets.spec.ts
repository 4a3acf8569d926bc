import { WorldError } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { ModelError } from '../models/model.port.js';
import { PuppetModels, PuppetTools, type ToolCall } from './puppets.js';
import { modelProviderSuite, type ModelBehaviour } from './suites/model-provider.suite.js';
import { toolServerSuite } from './suites/tool-server.suite.js';

modelProviderSuite(
  'of the puppets',
  () => {
    const provider = new PuppetModels();
    let reached = Promise.resolve();
    const behave = async (behaviour: ModelBehaviour) => {
      const call = await provider.next();
      if (behaviour.kind === 'fail') {
        const { message, retryable } = behaviour;
        call.fail(new ModelError(message, { retryable }));
      }
      if (behaviour.kind === 'stall') call.say('one, ');
      if (behaviour.kind !== 'answer') return;
      const { text, toolCalls = [] } = behaviour;
      call.say(text);
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
  },
  { unknownName: 'puppets take every name', absent: 'puppets need nothing' },
);

toolServerSuite(
  'of the puppets',
  () => {
    const clock = new ManualClock();
    const server = new PuppetTools('tools', clock);
    const has = (name: string) =>
      server.tools.push({ name, description: '', inputSchema: { type: 'object' } });
    server.tools.splice(0);
    for (const name of ['look', 'refuse', 'wait', 'die']) has(name);
    const behave = (call: ToolCall): void => {
      void server.next().then(behave);
      const { tool } = call.request;
      if (tool === 'look') call.answer({ content: 'seven stars', isError: false });
      if (tool === 'refuse') call.answer({ content: 'no such thing', isError: true });
      if (tool === 'die') call.fail(new WorldError('the server ended', 'never'));
    };
    void server.next().then(behave);
    return Promise.resolve({
      server,
      grow: async () => {
        has('late');
        server.version += 1;
      },
      pass: () => clock.advance(1_000),
      dispose: () => Promise.resolve(),
    });
  },
  { away: 'a puppet is always there' },
);
