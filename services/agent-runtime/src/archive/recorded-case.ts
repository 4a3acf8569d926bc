import {
  isEnd,
  type AgentSpec,
  type SpawnArguments,
  type Task,
  type Text,
} from '@skynet/contracts';
import { readText, type PayloadStore } from '@skynet/platform';
import { dataOf } from '../owner/agent-stream.js';
import { readAgentLog, type LogSource } from '../past/agent-log.js';
import type { Queries } from '../queries/queries.js';
import { ArchiveError, type ArchiveHeader } from './archive-lines.js';

interface CaseSource {
  readonly header: ArchiveHeader;
  readonly store: LogSource;
  readonly payloads: PayloadStore;
  readonly queries: Pick<Queries, 'answer'>;
}

/**
 * What an evaluation needs of a tree: how it ended, whether the rules would write it again, and what would spawn it again;
 * that is not known of a fork.
 *
 * @throws ArchiveError when its root was not spawned
 */
export async function recordedCase({ header, store, payloads, queries }: CaseSource) {
  const { rootId, tenant } = header;
  const { rows } = await queries.answer('treeAt', { tenant, agentId: rootId });
  const root = rows.find(({ agentId }) => agentId === rootId);
  const log = await readAgentLog(store, tenant, rootId);
  const first = log?.stored[0];
  const spec = first && dataOf(first, 'AgentSpawned')?.spec;
  if (root === undefined || spec === undefined) {
    throw new ArchiveError(`The root ${rootId} was not spawned.`);
  }
  const asked = { tenant, agentId: rootId, trustRequests: false };
  const { verification } = await queries.answer('verify', asked);
  const read = (text: Text) => readText(payloads, tenant, text);
  return {
    rootId,
    ...(spec.metadata['name'] !== undefined && { name: spec.metadata['name'] }),
    status: root.status,
    live: rows.filter(({ status }) => !isEnd(status)).length,
    output: await read(root.output ?? root.partial ?? ''),
    ...(root.forkedFrom === undefined && { agent: await spawnOf(spec, read) }),
    verification,
  };
}

type Read = (text: Text) => Promise<string>;

/** Arguments of a template are not in the log: what they made of its texts is. */
async function spawnOf(spec: AgentSpec, read: Read): Promise<SpawnArguments> {
  const { task, template, model, tools, limits, outputSchema, strategy, attachments } = spec;
  const { id, temperature } = model;
  return {
    task: await taskOf(task, read),
    ...(template !== undefined && { template }),
    model: { id, ...(temperature !== undefined && { temperature }) },
    ...(tools.length > 0 && { tools }),
    ...(attachments !== undefined && {
      attachments: attachments.map(({ content, mediaType, name }) => ({
        ...{ id: content.sha256, mediaType, name },
      })),
    }),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(outputSchema !== undefined && { outputSchema: objectIn(await read(outputSchema)) }),
    ...(strategy !== undefined && {
      strategy: { name: strategy.name, parameters: objectIn(await read(strategy.parameters)) },
    }),
  };
}

async function taskOf({ description, context, expectedOutput }: Task, read: Read) {
  return {
    description: await read(description),
    ...(context !== undefined && { context: await read(context) }),
    ...(expectedOutput !== undefined && { expectedOutput: await read(expectedOutput) }),
  };
}

function objectIn(json: string): Record<string, unknown> {
  return JSON.parse(json) as Record<string, unknown>;
}
