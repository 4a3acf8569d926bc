import { hashOf } from '@skynet/platform';
import { cacheSecondsOf, type ServerEntry } from '../registry/registry.config.js';
import { definitionOf } from './definition.js';
import type { ToolCallRequest, ToolServer, ToolServerState, ToolUser } from './tool-server.port.js';
import type { Place } from '../kept/kept-values.js';

/**
 * Where the result of a call stands: another tenant, entry, definition, argument or context is another place. Undefined when
 * it is not to be kept, or when it is not known what the server says of the tool.
 */
export function placeOfResult(
  entry: ServerEntry | undefined,
  { name, state }: Pick<ToolServer, 'name' | 'state'>,
  { tool, arguments: given, tracestate, baggage, user }: ToolCallRequest,
): Place | undefined {
  const seconds = entry === undefined ? 0 : cacheSecondsOf(entry, tool);
  if (entry === undefined || user === undefined || seconds === 0) return undefined;
  const definition = definitionIn(state, tool);
  if (definition === undefined) return undefined;
  const told = [tracestate ?? '', baggage ?? ''];
  const whose = sharers(user, entry);
  return { key: hashOf({ whose, name, entry, definition, tool, given, told }), seconds };
}

/** Its hash; undefined when the tool is not offered. */
function definitionIn({ list }: ToolServerState, tool: string): string | undefined {
  const offered = list?.tools.find(({ name }) => name === tool);
  return offered && (list?.definitions?.get(tool) ?? definitionOf(offered)).hash;
}

/** Who has the same server has the same results. */
function sharers(
  { tenant, rootId = '', agentId = '' }: ToolUser,
  { isolation }: Pick<ServerEntry, 'isolation'>,
): readonly string[] {
  if (isolation === 'agent') return [tenant, rootId, agentId];
  return isolation === 'tree' ? [tenant, rootId] : [tenant];
}
