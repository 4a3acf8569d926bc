import { agentStatusSchema, type AgentStatus, type Usage } from '@skynet/contracts';
import { SECONDS_BOUNDS, type Counter, type Histogram, type Metrics } from '@skynet/platform';

interface EndedCall {
  readonly ms: number;
  readonly isFailed: boolean;
  /** Of its span. */
  readonly traceparent: string | undefined;
}

/** Numbers about runs, models and agents. */
export class RuntimeMetrics {
  private readonly steps: Histogram;
  private readonly modelCalls: Histogram;
  private readonly toolCalls: Histogram;
  private readonly cachedResults: Counter;
  private readonly tokens: Counter;
  private readonly cost: Counter;
  private readonly overLimit: Counter;
  private readonly deadLetters: Counter;
  private readonly mendedRows: Counter;
  private readonly forgottenTrees: Counter;
  private readonly retentionFailures: Counter;

  constructor(private readonly metrics: Metrics) {
    const bounds = SECONDS_BOUNDS;
    this.steps = metrics.histogram('skynet_step_seconds', {
      description: 'Time until a step of a run is in the log',
      bounds,
    });
    this.modelCalls = metrics.histogram('skynet_model_call_seconds', {
      description: 'Time of model calls',
      bounds,
    });
    this.toolCalls = metrics.histogram('skynet_tool_call_seconds', {
      description: 'Time of calls of tool servers',
      bounds,
    });
    this.cachedResults = metrics.counter('skynet_tool_results_from_cache', {
      description: 'Calls of tool servers that were not made: their result still stood',
    });
    this.tokens = metrics.counter('skynet_tokens', { description: 'Tokens spent' });
    this.deadLetters = metrics.counter('skynet_dead_letters', {
      description: 'Messages put away for a person to look at',
    });
    this.mendedRows = metrics.counter('skynet_rows_mended', {
      description: 'Rows of agents that were not what the log says, and are now',
    });
    this.overLimit = metrics.counter('skynet_model_usage_over_limit', {
      description: 'Model calls that used more than was held for them in the worst case',
    });
    this.forgottenTrees = metrics.counter('skynet_trees_forgotten', {
      description: 'Ended trees that left log and rows',
    });
    this.retentionFailures = metrics.counter('skynet_retention_failures', {
      description: 'Ended trees that could not be archived or forgotten; they are tried again',
    });
    // Shown from the start, so that the first one is an increase.
    this.mendedRows.add(0);
    this.overLimit.add(0);
    this.forgottenTrees.add(0);
    this.retentionFailures.add(0);
    this.cost = metrics.counter('skynet_cost_micro_usd', {
      description: 'Money spent, in millionths of a US dollar',
    });
  }

  /** A reaction of the named reactor was given up. */
  parked(reactor: string): void {
    this.deadLetters.add(1, { subject: `reaction.${reactor}` });
  }

  rowMended(): void {
    this.mendedRows.add(1);
  }

  treeForgotten(): void {
    this.forgottenTrees.add(1);
  }

  retentionFailed(): void {
    this.retentionFailures.add(1);
  }

  step(ms: number): void {
    this.steps.record(ms / 1_000);
  }

  modelCall(
    model: string,
    { ms, isFailed, traceparent, usage }: EndedCall & { usage: Usage },
  ): void {
    this.modelCalls.record(ms / 1_000, { model, failed: isFailed }, traceparent);
    this.tokens.add(usage.inputTokens, { model, direction: 'input' });
    this.tokens.add(usage.outputTokens, { model, direction: 'output' });
    this.cost.add(usage.costMicroUsd, { model });
  }

  /** Counts a call that used more than was held for its worst case. */
  compare(model: string, usage: Usage, held: Usage): void {
    const isOver =
      usage.inputTokens > held.inputTokens ||
      usage.outputTokens > held.outputTokens ||
      usage.costMicroUsd > held.costMicroUsd;
    if (isOver) this.overLimit.add(1, { model });
  }

  toolCall(tool: string, { ms, isFailed, traceparent }: EndedCall): void {
    this.toolCalls.record(ms / 1_000, { tool, failed: isFailed }, traceparent);
  }

  resultFromCache(tool: string): void {
    this.cachedResults.add(1, { tool });
  }

  /** `read` is asked at each collection; undefined where another replica leads. */
  agents(read: () => ReadonlyMap<AgentStatus, number> | undefined): void {
    this.metrics.gauge(
      'skynet_agents',
      { description: 'Agents by status, told by the leading replica' },
      () => {
        const counts = read();
        if (counts === undefined) return [];
        // Also those that there are none of: a leader without agents is not a missing leader.
        return agentStatusSchema.options.map((status) => ({
          value: counts.get(status) ?? 0,
          labels: { status },
        }));
      },
    );
  }

  /** `read` is asked at each collection. */
  agentRows(read: () => { readonly size: number; readonly onDisk: number }): void {
    this.metrics.gauge(
      'skynet_agent_rows',
      { description: 'Rows of agents that this replica answers from, by where they are' },
      () => {
        const { size, onDisk } = read();
        return [
          { value: size - onDisk, labels: { place: 'memory' } },
          { value: onDisk, labels: { place: 'disk' } },
        ];
      },
    );
  }

  slots(read: () => { readonly busy: number; readonly all: number }): void {
    this.metrics.gauge('skynet_worker_slots', { description: 'Slots of this worker' }, () => {
      const { busy, all } = read();
      return [
        { value: busy, labels: { state: 'busy' } },
        { value: all - busy, labels: { state: 'free' } },
      ];
    });
  }
}
