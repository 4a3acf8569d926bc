import { isGranted, type RecoveryPolicy, type SpawnedAgent } from '@skynet/domain-agents';
import type { ModelTool } from '../models/model.port.js';
import type { CurrentRegistry } from '../registry/registry-source.js';
import { BUILT_IN, builtInTools } from '../tools/built-in-tools.js';
import type { ToolBox } from '../tools/tool-box.js';
import type { LeftOut, ToolUser } from '../tools/tool-server.port.js';
import { withServerTexts } from './server-texts.js';
import { namedTemplates } from './named-templates.js';

/** The tools of one agent, and by name what becomes of a call that broke off. */
export interface GrantedTools {
  readonly tools: readonly ModelTool[];
  readonly recoveries: Readonly<Record<string, RecoveryPolicy>>;
  /** Granted, and not offered. */
  readonly leftOut: readonly LeftOut[];
}

/** Of built-in tools that reach for what may be away for a while: each does once what it does. */
export const OWN_RECOVERIES = {
  [BUILT_IN.readResult]: 'retry',
  [BUILT_IN.boardRead]: 'retry',
  [BUILT_IN.boardWrite]: 'retry',
  [BUILT_IN.notesRead]: 'retry',
  [BUILT_IN.notesWrite]: 'retry',
} as const;

/** The built-in tools and those that the agent was granted, as their servers describe them now. */
export async function grantedTools(
  agent: SpawnedAgent,
  { toolBox, registry }: { readonly toolBox: ToolBox; readonly registry: CurrentRegistry },
): Promise<GrantedTools> {
  const grants = agent.spawned.spec.tools;
  const { tools, leftOut, said } = await toolBox.list(grants, userOf(agent));
  const granted = tools.filter(({ tool }) => isGranted(grants, tool.name));
  return {
    tools: [
      ...ownTools(agent, registry),
      ...withServerTexts(
        granted.map(({ tool }) => tool),
        said,
      ),
    ],
    recoveries: {
      ...OWN_RECOVERIES,
      ...Object.fromEntries(granted.map(({ tool, recovery }) => [tool.name, recovery])),
    },
    leftOut,
  };
}

/** For whom the tools of an agent are used. */
export function userOf({ spawned }: SpawnedAgent): ToolUser {
  const { tenant, rootId, agentId } = spawned;
  return { tenant, rootId, agentId };
}

/** The built-in tools that make sense for the agent; with a registry the templates that it may name are told. */
export function ownTools(agent: SpawnedAgent, source?: CurrentRegistry): readonly ModelTool[] {
  const { limits, parentId, spec } = agent.spawned;
  const maySpawn = limits.depth > 0 && limits.children > 0;
  const templates = maySpawn && source !== undefined ? namedTemplates(agent, source) : '';
  return builtInTools({
    maySpawn,
    hasParent: parentId !== undefined,
    templates,
    hasResults: maySpawn || spec.tools.length > 0 || (spec.attachments ?? []).length > 0,
    hasNotes: spec.notes === true,
  });
}
