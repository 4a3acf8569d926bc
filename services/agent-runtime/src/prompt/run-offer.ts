import { once } from 'node:events';
import type { AgentEvent, AgentEventData, PayloadRef } from '@skynet/contracts';
import { modelOf, type SpawnedAgent } from '@skynet/domain-agents';
import { within, type Clock, type PayloadStore } from '@skynet/platform';
import type { ChosenModel, FailedModel, ModelChooser } from '../choosing/model-chooser.js';
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
import { shortened } from './short-tools.js';

/** A run that waits longer for its tool servers shows first that it has started. */
export const PATIENCE_WITH_SERVERS_MS = 2_000;
/** Of what was left out, so many are named in the log. */
const MAX_LEFT_OUT = 50;
const MAX_REASON_CHARS = 500;

type ToolsOffered = AgentEventData<'ToolsOffered'>;

export interface OfferMeans {
  readonly models: ModelCatalogue;
  readonly chooser: ModelChooser;
  readonly toolBox: ToolBox;
  readonly registry: CurrentRegistry;
  readonly offeredTools: OfferedTools;
  readonly payloads: PayloadStore;
  readonly clock: Clock;
}

interface Taken {
  readonly granted: GrantedTools;
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
    private asked: AskedModel,
    private taken: Taken,
  ) {}

  /** Waits so long for tool servers. */
  static async of(agent: SpawnedAgent, means: OfferMeans, patienceMs: number): Promise<RunOffer> {
    const tools = ownTools(agent, means.registry);
    const own = { tools, recoveries: OWN_RECOVERIES, leftOut: [] };
    const asked = await askedModel(agent, own, means);
    const taken = await take(own, agent, { ...means, model: asked.model });
    const run = new RunOffer(agent, means, asked, taken);
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

  /** Undefined when there is none, see `whyNoModel`. */
  get model(): CataloguedModel | undefined {
    return this.asked.model;
  }

  /** Absent when there is one, or nothing more is known. */
  get whyNoModel(): string | undefined {
    return this.asked.why;
  }

  /** The model that is asked from here on, where the log does not have it. */
  get unrecordedModel(): AgentEventData<'ModelChosen'> | undefined {
    return this.asked.chosen;
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
    for (const { type, data } of events) {
      if (type === 'ToolsOffered') this.logged = data;
      if (type === 'ModelChosen') this.asked = { model: this.asked.model };
    }
  }

  /** Has another model take the turn over, where there is one for it. */
  async fallBack(agent: SpawnedAgent, failure: FailedModel): Promise<void> {
    const { chooser } = this.means;
    const next = await chooser.next(agent, this.offer.context.promptBytes, failure);
    if (next === undefined) return;
    this.asked = next;
    const { granted } = this.taken;
    this.taken = await take(granted, this.agent, { ...this.means, model: next.model });
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
    const { agent, means } = this;
    this.version = means.toolBox.versionOf(this.grants, userOf(agent));
    const granted = await grantedTools(agent, means);
    this.taken = await take(granted, agent, { ...means, model: this.model });
  }
}

/** The model of a run. */
interface AskedModel {
  readonly model: CataloguedModel | undefined;
  readonly chosen?: AgentEventData<'ModelChosen'>;
  readonly why?: string;
}

async function askedModel(
  agent: SpawnedAgent,
  own: GrantedTools,
  { models, chooser, payloads }: OfferMeans,
): Promise<AskedModel> {
  const { context } = await makeOffer(agent, undefined, { ...own, payloads });
  const chosen: ChosenModel | undefined = await chooser.first(agent, context.promptBytes);
  if (chosen !== undefined) return chosen;
  return { model: await models.find(modelOf(agent).id, agent.spawned.tenant) };
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
  const tools = model?.readsShort === true ? shortened(granted.tools) : granted.tools;
  const offered = await offeredTools.keep(agent.spawned.tenant, tools);
  const leftOut = granted.leftOut.slice(0, MAX_LEFT_OUT).map(({ tool, reason }) => ({
    tool,
    reason: reason.slice(0, MAX_REASON_CHARS).toWellFormed(),
  }));
  return {
    granted,
    offer: await makeOffer(agent, model, { ...granted, tools, payloads }),
    tools: { offered, leftOut },
  };
}
