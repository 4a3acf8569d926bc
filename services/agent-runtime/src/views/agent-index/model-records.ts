import { isEnd, type AgentRow } from '@skynet/contracts';
import type { MeasuredModel } from '@skynet/domain-agents';

/** Of one tenant, template and model, the last ones to end. */
const KEPT_SAMPLES = 50;
/** What is older says nothing of today; so a model that failed is tried again. */
const SAMPLE_MS = 7 * 24 * 3_600_000;
/** Ends that say something of the model. */
const OWN_FAILURES: ReadonlySet<string> = new Set([
  'MODEL_FAILED',
  'OUTPUT_INVALID',
  'CONTEXT_FULL',
  'BUDGET_EXHAUSTED',
]);

interface Sample {
  readonly agentId: string;
  readonly endedAtMs: number;
  readonly isFailed: boolean;
  readonly ranMs: number;
  /** By itself; absent where agents below it have a part in it. */
  readonly costMicroUsd?: number;
  /** Of one call of the model that it ended with; absent where none is counted. */
  readonly callMs?: number;
}

/** What became of agents by tenant, template and model, kept from their rows: the same rows say the same. */
export class ModelRecords {
  private readonly samples = new Map<string, readonly Sample[]>();

  /** One row took the place of the other. */
  change(before: AgentRow | undefined, after: AgentRow | undefined): void {
    if (before !== undefined) this.remove(before);
    const sample = after === undefined ? undefined : sampleOf(after);
    if (after === undefined || sample === undefined) return;
    const key = keyOf(after);
    const known = [...(this.samples.get(key) ?? []), sample];
    known.sort((one, other) => one.endedAtMs - other.endedAtMs);
    this.samples.set(key, known.slice(-KEPT_SAMPLES));
  }

  /** Undefined when no agent of that kind has ended lately. */
  of(
    kind: Pick<AgentRow, 'tenant' | 'template' | 'model'>,
    nowMs: number,
  ): MeasuredModel | undefined {
    const all = this.samples.get(keyOf(kind)) ?? [];
    const recent = all.filter(({ endedAtMs }) => endedAtMs >= nowMs - SAMPLE_MS);
    if (recent.length === 0) return undefined;
    const costs = recent.flatMap(({ costMicroUsd }) => costMicroUsd ?? []);
    const calls = recent.flatMap(({ callMs }) => callMs ?? []);
    return {
      agents: recent.length,
      failed: recent.filter(({ isFailed }) => isFailed).length,
      meanMs: meanOf(recent.map(({ ranMs }) => ranMs)),
      ...(costs.length > 0 && { meanCostMicroUsd: meanOf(costs) }),
      ...(calls.length > 0 && { meanCallMs: meanOf(calls) }),
    };
  }

  private remove(row: AgentRow): void {
    if (!isEnd(row.status)) return;
    const key = keyOf(row);
    const left = (this.samples.get(key) ?? []).filter(({ agentId }) => agentId !== row.agentId);
    if (left.length === 0) this.samples.delete(key);
    else this.samples.set(key, left);
  }
}

function keyOf({
  tenant,
  template,
  model,
}: Pick<AgentRow, 'tenant' | 'template' | 'model'>): string {
  return JSON.stringify([tenant, template ?? null, model]);
}

function sampleOf(row: AgentRow): Sample | undefined {
  const { agentId, endedAtMs, failure, ranMs, status, childIds, spent } = row;
  const isFailed = OWN_FAILURES.has(failure?.reason ?? '');
  if (endedAtMs === undefined || (status !== 'completed' && !isFailed)) return undefined;
  const { costMicroUsd } = spent;
  return {
    ...{ agentId, endedAtMs, isFailed, ranMs, ...callMsOf(row) },
    ...(childIds.length === 0 && { costMicroUsd }),
  };
}

/** Answers that were kept take no time, and say nothing. */
function callMsOf({ model, modelUse = [] }: AgentRow): Pick<Sample, 'callMs'> {
  const uses = modelUse.filter((use) => use.model === model && !use.fromCache);
  const calls = uses.reduce((sum, use) => sum + use.calls, 0);
  return calls === 0 ? {} : { callMs: uses.reduce((sum, { ms }) => sum + ms, 0) / calls };
}

function meanOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
}
