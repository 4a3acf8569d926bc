import type { Registry, RegistrySource } from '@skynet/agent-runtime';
import { policies } from '../doubles/model-turns.js';

/** One server whose tools are called as their recovery policies, and one model. */
export function simRegistry(): RegistrySource {
  const current: Registry = {
    defaultModel: 'sim:any',
    models: {},
    providers: {},
    servers: {
      sim: {
        transport: 'http',
        url: 'http://127.0.0.1:9/mcp',
        headers: {},
        allowPrivate: false,
        recovery: 'ask',
        timeoutSeconds: 60,
        startSeconds: 60,
        maxAnswerBytes: 1_000_000,
        tools: Object.fromEntries(policies.map((recovery) => [recovery, { recovery }])),
        trusted: true,
        isolation: 'tenant',
        instances: 16,
      },
    },
    templates: {},
    folder: '/',
    refused: {},
    tenants: {},
    findings: [],
    hash: 'registry',
    files: [],
    secrets: [],
  };
  const nothing = () => undefined;
  return { current, onChange: nothing, start: nothing, stop: nothing };
}
