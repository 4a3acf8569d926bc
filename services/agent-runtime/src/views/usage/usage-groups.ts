import {
  isEnd,
  type AgentRow,
  type ModelUse,
  type ToolUse,
  type UsageGrouping,
  type UsageSums,
} from '@skynet/contracts';

/** An agent's own calls. */
interface Calls {
  readonly models: readonly ModelUse[];
  readonly tools: readonly ToolUse[];
}

interface Span {
  /** Start of its first day. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Of one agent, in one group. */
interface Share {
  readonly key: string;
  readonly sums: Partial<UsageSums>;
}

const NO_TEMPLATE = '(none)';
const DAY_CHARS = 'YYYY-MM-DD'.length;

const NOTHING_USED: UsageSums = {
  ...{ agents: 0, failedAgents: 0, modelCalls: 0, failedModelCalls: 0 },
  ...{ inputTokens: 0, outputTokens: 0, costMicroUsd: 0, cachedTokens: 0, savedMicroUsd: 0 },
  ...{ modelMs: 0, slowestModelMs: 0, modelCallsFromCache: 0 },
  ...{ toolCalls: 0, failedToolCalls: 0, toolCallsFromCache: 0, toolMs: 0, slowestToolMs: 0 },
};

/** Sums of calls by group, those on the days of the span alone; an agent counts once in each group that it has calls in. */
export class UsageGroups {
  readonly groups = new Map<string, UsageSums>();
  total = NOTHING_USED;

  constructor(
    private readonly by: UsageGrouping,
    private readonly span: Span,
  ) {}

  /** Whether any of the calls counts. */
  add(row: AgentRow, calls: Calls): boolean {
    const shares = this.sharesOf(row, calls);
    const keys = new Set(shares.map(({ key }) => key));
    for (const { key, sums } of shares) this.count(key, sums);
    const agent = { agents: 1, failedAgents: hasFailed(row) ? 1 : 0 };
    for (const key of keys) this.groups.set(key, plus(this.of(key), agent));
    if (keys.size > 0) this.total = plus(this.total, agent);
    return keys.size > 0;
  }

  private count(key: string, sums: Partial<UsageSums>): void {
    this.groups.set(key, plus(this.of(key), sums));
    this.total = plus(this.total, sums);
  }

  private of(key: string): UsageSums {
    return this.groups.get(key) ?? NOTHING_USED;
  }

  private sharesOf(row: AgentRow, { models, tools }: Calls): Share[] {
    const { by } = this;
    const shares: Share[] = [];
    for (const use of by === 'tool' ? [] : models) {
      const key = by === 'model' ? use.model : this.keyOf(row, use.dayMs);
      if (this.isWithin(use)) shares.push({ key, sums: modelSums(use) });
    }
    for (const use of by === 'model' ? [] : tools) {
      const key = by === 'tool' ? use.tool : this.keyOf(row, use.dayMs);
      if (this.isWithin(use)) shares.push({ key, sums: toolSums(use) });
    }
    return shares;
  }

  private keyOf({ rootId, template, tenant }: AgentRow, dayMs: number): string {
    if (this.by === 'day') return new Date(dayMs).toISOString().slice(0, DAY_CHARS);
    if (this.by === 'template') return template ?? NO_TEMPLATE;
    return this.by === 'tree' ? rootId : tenant;
  }

  private isWithin({ dayMs }: ModelUse | ToolUse): boolean {
    return dayMs >= this.span.fromMs && dayMs < this.span.untilMs;
  }
}

/** Somebody who terminates an agent does not make it fail. */
function hasFailed({ status }: AgentRow): boolean {
  return isEnd(status) && status !== 'completed' && status !== 'terminated';
}

function modelSums(use: ModelUse): Partial<UsageSums> {
  const { inputTokens, outputTokens, costMicroUsd, cachedTokens, savedMicroUsd } = use;
  return {
    ...{ modelCalls: use.calls, failedModelCalls: use.failed },
    modelCallsFromCache: use.fromCache ?? 0,
    ...{ modelMs: use.ms, slowestModelMs: use.slowestMs },
    ...{ inputTokens, outputTokens, costMicroUsd, cachedTokens, savedMicroUsd },
  };
}

function toolSums(use: ToolUse): Partial<UsageSums> {
  return {
    ...{ toolCalls: use.calls, failedToolCalls: use.failed, toolCallsFromCache: use.fromCache },
    ...{ toolMs: use.ms, slowestToolMs: use.slowestMs },
  };
}

const LARGEST: ReadonlySet<string> = new Set(['slowestModelMs', 'slowestToolMs']);

function plus(a: UsageSums, b: Partial<UsageSums>): UsageSums {
  const sum = { ...a };
  for (const [name, value] of Object.entries(b) as [keyof UsageSums, number][]) {
    sum[name] = LARGEST.has(name) ? Math.max(a[name], value) : a[name] + value;
  }
  return sum;
}
