import type { RequestedLimits, RequestedStrategy, SpawnArguments } from '@skynet/contracts';
import type { SpawnedAgent } from '@skynet/domain-agents';
import type { TemplateEntry } from '../registry/templates/template-entry.js';

/** What was asked for of an agent, by whoever had a say. */
export interface Wishes {
  /** Absent: nobody has named one. */
  readonly modelId?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly tools: readonly string[];
  readonly priority: number;
  readonly limits: RequestedLimits;
  /** JSON Schema of the answer. */
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  /** Not inherited: children of one that splits its task do their parts. */
  readonly strategy?: RequestedStrategy;
}

const DEFAULTS = { tools: [], priority: 5 };

/** The caller's word comes before the template's, that before what the parent has. Limits are not inherited here. */
export function wishesOf(
  args: SpawnArguments,
  template: TemplateEntry | undefined,
  parent: SpawnedAgent | undefined,
): Wishes {
  return {
    ...DEFAULTS,
    ...(parent === undefined ? {} : inherited(parent)),
    ...(template === undefined ? {} : fromTemplate(template)),
    ...asked(args),
    limits: { ...template?.limits, ...named(args.limits ?? {}) },
  };
}

function inherited({ spawned: { spec } }: SpawnedAgent): Partial<Wishes> {
  return { modelId: spec.model.id, tools: spec.tools, priority: spec.priority };
}

function fromTemplate({
  model,
  tools,
  output: outputSchema,
  strategy,
}: TemplateEntry): Partial<Wishes> {
  const { id: modelId, maxTokens, temperature } = model;
  return named({ modelId, maxTokens, temperature, tools, outputSchema, strategy });
}

function asked({
  model,
  tools,
  priority,
  outputSchema,
  strategy,
}: SpawnArguments): Partial<Wishes> {
  const { id: modelId, maxTokens, temperature } = model ?? {};
  return named({ modelId, maxTokens, temperature, tools, priority, outputSchema, strategy });
}

/** Without the entries that were left open, which must not hide what stands behind them. */
function named<Fields extends object>(fields: Fields): Partial<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Fields>;
}
