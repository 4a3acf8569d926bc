import { tmpdir } from 'node:os';
import type { Registry, ServerEntry } from '../registry/registry.config.js';
import type { RegistrySource } from '../registry/registry-source.js';
import { allowLists } from '../registry/tenants.js';

const server: ServerEntry = {
  transport: 'http',
  url: 'http://127.0.0.1:9/mcp',
  headers: {},
  allowPrivate: false,
  recovery: 'ask',
  timeoutSeconds: 60,
  startSeconds: 60,
  maxAnswerBytes: 10 * 1_024 * 1_024,
  tools: {},
  trusted: false,
  isolation: 'tenant',
  instances: 16,
};

/** A server entry of the registry; `http` unless the fields say otherwise. */
export function aServer(fields: Partial<ServerEntry> = {}): ServerEntry {
  return { ...server, ...fields } as ServerEntry;
}

/** A server entry of a process that is not about its sandbox: it has none, so that it runs on every machine. */
export function aStdioServer(command: string, args: readonly string[], fields = {}): ServerEntry {
  return aServer({
    transport: 'stdio',
    command,
    args: [...args],
    env: {},
    restarts: 5,
    sandbox: 'none',
    network: false,
    folders: [],
    limits: { processes: 256, memoryMib: 2_048 },
    maxAnswerBytes: 1_000_000,
    ...fields,
  });
}

/** A registry with the puppets: model `puppet:any` as default, server `tools`. It is its own source and never changes. */
export function aRegistry(fields: Partial<Registry> = {}): Registry & RegistrySource {
  const registry: Registry = {
    defaultModel: 'puppet:any',
    models: {},
    providers: {},
    servers: { tools: aServer() },
    templates: {},
    folder: tmpdir(),
    refused: {},
    tenants: allowLists(fields),
    findings: [],
    hash: 'registry',
    files: [],
    secrets: [],
    ...fields,
  };
  const nothing = () => undefined;
  return { ...registry, current: registry, onChange: nothing, start: nothing, stop: nothing };
}
