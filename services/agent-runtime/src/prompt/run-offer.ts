import { once } from 'node:events';
import type { AgentEvent, AgentEventData, PayloadRef } from '@skynet/contracts';
import type { SpawnedAgent } from '@skynet/domain-agents';
import { within, type Clock, type PayloadStore } from '@skynet/platform';
import type { CataloguedModel, ModelCatalogue } from '../models/model-catalogue.js';
import type { CurrentRegistry } from '../registry/registry-source.js';
import type { ToolBox } from '../tools/tool-box.js';
import {
  grantedTools,
  OWN_RECOVERIES,
  ownTools,
  userOf,
  type GrantedTools,
} from './granted-tools.js';
import { makeOffer, type Offer } from './offer.js';
import type { OfferedTools } from './offered-tools.js';

/** A run that waits longer for its tool servers shows first that it has started. */
export const PATIENCE_WITH_SERVERS_MS = 2_000;
/** Of what was left out, so many are named in the log. */
const MAX_LEFT_OUT = 50;
const MAX_REASON_CHARS = 500;

type ToolsOffered = AgentEventData<'ToolsOffered'>;

export interface OfferMeans {
  readonly models: ModelCatalogue;
  readonly toolBox: ToolBox;
  readonly registry: CurrentRegistry;
  readonly offeredTools: OfferedTools;
  readonly payloads: PayloadStore;
  readonly clock: Clock;
}

interface Taken {
  readonly offer: Offer;
  readonly tools: ToolsOffered;
}

/** What one run offers to its model, from the first request on and whenever its tool servers have others. */
export class RunOffer {
  private arriving: Promise<void> | undefined;
  private version = '';
  private logged: ToolsOffered | undefined;

  private constructor(
    private readonly agent: SpawnedAgent,
    private readonly means: OfferMeans,
    readonly model: CataloguedModel | undefined,
    private taken: Taken,
  ) {}

  /** Waits so long for tool servers. */
  static async of(agent: SpawnedAgent, means: OfferMeans, patienceMs: number): Promise<RunOffer> {
    const { spec, tenant } = agent.spawned;
    const model = await means.models.find(spec.model.id, tenant);
    const tools = ownTools(agent, means.registry);
    const own = { tools, recoveries: OWN_RECOVERIES, leftOut: [] };
    const run = new RunOffer(agent, means, model, await take(own, agent, { ...means, model }));
    if (run.grants.length === 0) return run;
    const arriving = run.look().then(() => {
      run.arriving = undefined;
    });
    run.arriving = arriving;
    // Who waits for it is told.
    arriving.catch(() => undefined);
    await patiently(means.clock, patienceMs, arriving);
    return run;
  }

  get offer(): Offer {
    return this.taken.offer;
  }

  /** Tool servers are still starting: no request is to be made yet. */
  get isArriving(): boolean {
    return this.arriving !== undefined;
  }

  /** What is offered and the log does not have. */
  get unrecorded(): ToolsOffered | undefined {
    const { tools } = this.taken;
    return this.logged === undefined || isSame(this.logged, tools) ? undefined : tools;
  }

  /** What the start of the run records, which counts as recorded from here on. */
  begin(): PayloadRef {
    const { offered } = this.taken.tools;
    this.logged = { offered, leftOut: [] };
    return offered;
  }

  /** The log has these events now. */
  recorded(events: readonly AgentEvent[]): void {
    for (const { type, data } of events) if (type === 'ToolsOffered') this.logged = data;
  }

  /** Resolves when each tool server has answered or given up, or with the signal; rejects when that could not be kept. */
  async arrived(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await Promise.race([this.arriving, once(signal, 'abort')]);
  }

  /** Takes up what servers have announced meanwhile. */
  async refresh(): Promise<void> {
    const { toolBox, clock } = this.means;
    if (this.isArriving || toolBox.versionOf(this.grants, userOf(this.agent)) === this.version)
      return;
    await patiently(clock, PATIENCE_WITH_SERVERS_MS, this.look());
  }

  private get grants(): readonly string[] {
    return this.agent.spawned.spec.tools;
  }

  private async look(): Promise<void> {
    const { agent, means, model } = this;
    this.version = means.toolBox.versionOf(this.grants, userOf(agent));
    this.taken = await take(await grantedTools(agent, means), agent, { ...means, model });
  }
}

function isSame(one: ToolsOffered, other: ToolsOffered): boolean {
  if (one.offered.sha256 !== other.offered.sha256) return false;
  return JSON.stringify(one.leftOut) === JSON.stringify(other.leftOut);
}

/** Waits for a while; the work itself goes on. */
async function patiently(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  const late = new Error('not yet');
  await within(clock, ms, work, () => late).catch((error: unknown) => {
    if (error !== late) throw error;
  });
}

async function take(
  granted: GrantedTools,
  agent: SpawnedAgent,
  means: Pick<OfferMeans, 'payloads' | 'offeredTools'> & {
    readonly model: CataloguedModel | undefined;
  },
): Promise<Taken> {
  const { model, payloads, offeredTools } = means;
  const offered = await offeredTools.keep(agent.spawned.tenant, granted.tools);
  const leftOut = granted.leftOut.slice(0, MAX_LEFT_OUT).map(({ tool, reason }) => ({
    tool,
    reason: reason.slice(0, MAX_REASON_CHARS).toWellFormed(),
  }));
  return {
    offer: await makeOffer(agent, model, { ...granted, payloads }),
    tools: { offered, leftOut },
  };
}
