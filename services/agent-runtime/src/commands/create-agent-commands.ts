import type { ClientContext } from '@skynet/contracts';
import {
  payloadRefOf,
  type Clock,
  type EventStore,
  type Logger,
  type PayloadStore,
  type StreamsSetAside,
} from '@skynet/platform';
import type { AgentRuntimeConfig } from '../config/agent-runtime.config.js';
import { Forking } from '../forking/forking.js';
import type { ModelCatalogue } from '../models/model-catalogue.js';
import type { Agents } from '../owner/agents.js';
import { TenantQuotaFeed } from '../quotas/tenant-quota-feed.js';
import type { RegistrySource } from '../registry/registry-source.js';
import { AllowedSpecs } from '../spec/allowed-specs.js';
import { SpecResolver } from '../spec/spec-resolver.js';
import { visibleTo } from '../registry/tenants.js';
import { keptContext } from '../tools/client-context.js';
import type { ToolBox } from '../tools/tool-box.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import { Admitting, type BeginHere } from './admitting.js';
import { AgentCommands } from './agent-commands.js';
import { Broadcasting } from './broadcasting.js';
import { Extending } from './extending.js';
import { NewTrees } from './new-trees.js';
import { Retrying } from './retrying.js';
import { Spawning, type BeginRoot } from './spawning.js';

interface Parts {
  readonly store: EventStore;
  readonly payloads: PayloadStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onBug: (error: unknown) => void;
  readonly registry: RegistrySource;
  readonly toolBox: ToolBox;
  readonly agents: Agents;
  readonly models: ModelCatalogue;
  readonly index: AgentIndex;
  readonly setAside: StreamsSetAside;
  readonly beginHere: BeginHere;
  readonly beginRoot: BeginRoot;
}

/** For what is only asked about: what it puts is not kept, what is there is found. */
function keepingNothing(payloads: PayloadStore): PayloadStore {
  return {
    put: (_, content) => Promise.resolve(payloadRefOf(content)),
    get: (tenant, ref) => payloads.get(tenant, ref),
    getBytes: (tenant, ref) => payloads.getBytes(tenant, ref),
    find: (tenant, sha256) => payloads.find(tenant, sha256),
  };
}

/** The door for commands, with those parts of it that others need. */
export function createAgentCommands(
  parts: Parts,
  config: Pick<AgentRuntimeConfig, 'rootDefaults' | 'maxWaitingTreesPerTenant'>,
) {
  const { agents, clock, index, models, payloads, registry, store, toolBox } = parts;
  const tenants = new TenantQuotaFeed(parts);
  const specsIn = (texts: PayloadStore) =>
    new AllowedSpecs(new SpecResolver(registry, models, texts, toolBox), tenants);
  const specs = specsIn(payloads);
  const quotasOf = (tenant: string) => tenants.quotasOf(tenant);
  const roots = { defaults: config.rootDefaults, quotasOf, begin: parts.beginRoot };
  const maxWaiting = config.maxWaitingTreesPerTenant;
  const forking = new Forking({ agents, specs, store, payloads, clock });
  const newTrees = new NewTrees({ agents, index, tenants, clock, maxWaiting });
  const retrying = new Retrying({ agents, forking, newTrees, store, payloads, clock });
  const extending = new Extending({ agents, index, tenants, clock });
  const spawning = new Spawning(agents, specs, roots, clock);
  const admitting = new Admitting(agents, parts.beginHere);
  const contexts = {
    keptOf: (tenant: string, sent: ClientContext) =>
      keptContext(sent, visibleTo(registry.current, tenant).servers),
  };
  const broadcasting = new Broadcasting(agents, payloads);
  const made = {
    ...{ admitting, newTrees, spawning, forking, retrying, extending, broadcasting },
    ...{ index, contexts },
  };
  const commands = new AgentCommands(agents, made, payloads, clock);
  return { commands, tenants, specs, checkedSpecs: specsIn(keepingNothing(payloads)), forking };
}
