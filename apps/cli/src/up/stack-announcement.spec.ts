import { describe, expect, it } from '@jest/globals';
import type { RunningStack } from '../stack/stack.js';
import { recordingTerminal } from '../testing/recording-terminal.js';
import { announceAsText } from './stack-announcement.js';
import type { StartNews } from './start-models.js';

const stack: RunningStack = {
  connection: {
    mcp: 'http://127.0.0.1:1/mcp',
    edges: [],
    health: '',
    issuer: '',
    nats: '',
    natsKeyFile: '',
    dataDir: '/data',
    token: 'token',
    tokenExpiresAt: '',
  },
  natsServer: { file: 'nats-server', version: { major: 2, minor: 99, patch: 0 } },
  pids: () => ({}),
  stop: async () => undefined,
  kill: () => undefined,
};

function announced(news: StartNews): string {
  const terminal = recordingTerminal();
  announceAsText(terminal).ready(stack, 1_000, news);
  return terminal.printed.join('\n');
}

describe('a stack that is ready', () => {
  it('says which model agents have that name none, and why', () => {
    const defaultModel = { id: 'scripted:echo', from: 'nothing' as const, why: 'no key is set' };
    const text = announced({ defaultModel, localServers: [] });
    expect(text).toContain('model  scripted:echo for agents that name none, as no key is set\n');
    expect(text).toContain('local  no server of models at the usual ports');
    expect(announced({ defaultModel })).not.toContain('local');
  });

  it('names servers of models that were found, and what a registry has to say for them', () => {
    const url = 'http://127.0.0.1:11434/v1';
    const price = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };
    const localServers = [{ name: 'ollama', url, models: ['qwen3:8b'], leftOut: 2 }];
    const defaultModel = 'openai-compatible:ollama/qwen3:8b';
    const localRegistry = { defaultModel, providers: { ollama: { url, price } } };
    const text = announced({ localServers, localRegistry });
    expect(text).toContain(`local  ollama at ${url}: qwen3:8b and 2 more`);
    const [entry = ''] = /\{[^]*\n {4}\}/.exec(text) ?? [];
    expect(JSON.parse(entry)).toEqual(localRegistry);
  });
});
