import { exportAgentTool, type ArchivedCommit } from '@skynet/contracts';
import { z } from 'zod';
import type { Called } from '../connection/connected.js';
import { runArchiveProgram } from './archive-program.js';

type Asked = Pick<Called, 'client' | 'signal'>;

/** A tree as an archive: its log, with every text that it names. */
export async function exportTree(rootId: string, called: Asked): Promise<string> {
  const commits: ArchivedCommit[] = [];
  const wanted = [rootId];
  for (let agentId = wanted.shift(); agentId !== undefined; agentId = wanted.shift()) {
    const own = await commitsOf(agentId, called, agentId === rootId);
    commits.push(...own);
    wanted.push(...own.flatMap(childIdsIn));
  }
  const named = new Set(JSON.stringify(commits).match(REFERENCES)?.map(shaOf) ?? []);
  const payloads: (string | { readonly base64: string })[] = [];
  for (const sha256 of named) payloads.push(await payloadOf(rootId, sha256, called));
  const tenant = commits[0]?.events[0]?.tenant;
  return runArchiveProgram(['pack'], JSON.stringify({ tenant, rootId, commits, payloads }));
}

const REFERENCES =
  /\{"(?:sha256":"[0-9a-f]{64}","bytes":\d+|bytes":\d+,"sha256":"[0-9a-f]{64}")\}/g;

function shaOf(reference: string): string {
  return /[0-9a-f]{64}/.exec(reference)?.[0] ?? '';
}

/** A child may be reserved and not there yet: then there is nothing of it to write. */
async function commitsOf(
  agentId: string,
  { client, signal }: Asked,
  isRoot: boolean,
): Promise<ArchivedCommit[]> {
  const commits: ArchivedCommit[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
    try {
      const page = await client.call(exportAgentTool, { agentId, cursor }, { signal });
      commits.push(...page.commits);
      cursor = page.nextCursor;
    } catch (error) {
      const isMissing = (error as { code?: string }).code === 'AGENT_NOT_FOUND';
      if (isRoot || !isMissing) throw error;
      return commits;
    }
  }
  return commits;
}

function childIdsIn({ events }: ArchivedCommit): string[] {
  return events
    .filter(({ type }) => type === 'ChildReserved')
    .map(({ data }) => z.object({ childId: z.string() }).parse(data).childId);
}

async function payloadOf(agentId: string, payload: string, { client, signal }: Asked) {
  let text = '';
  let isBase64 = false;
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
    const page = await client.call(exportAgentTool, { agentId, payload, cursor }, { signal });
    text += page.text ?? '';
    isBase64 = page.base64 === true;
    cursor = page.nextCursor;
  }
  return isBase64 ? { base64: text } : text;
}
