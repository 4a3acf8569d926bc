import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import {
  agentIdSchema,
  archivedCommitSchema,
  queryRequestSchemas,
  tenantSchema,
  type QueryRequest,
} from '@skynet/contracts';
import { silentLogger, systemClock } from '@skynet/platform';
import { payloadOfContent } from '@skynet/platform/operations';
import { z } from 'zod';
import { shownBoard } from '../board/board-view.js';
import { readCommit } from '../log/agent-commit.js';
import { Agents } from '../owner/agents.js';
import { AgentIndex } from '../views/agent-index/agent-index.js';
import { IndexFeed } from '../views/agent-index/index-feed.js';
import { Queries } from '../queries/queries.js';
import { TenantUsage } from '../quotas/tenant-usage.js';
import { isUnreadable, loadRegistry } from '../registry/registry-file.js';
import { templatesFor } from '../registry/template-views.js';
import { createReplayQueries } from '../queries/create-replay-queries.js';
import { ArchiveError } from './archive-lines.js';
import { archiveSource } from './archive-source.js';
import { readArchive } from './read-archive.js';
import { recordedCase } from './recorded-case.js';
import { writeArchive } from './write-archive.js';

const packed = z.strictObject({
  tenant: tenantSchema,
  rootId: agentIdSchema,
  commits: z.array(archivedCommitSchema),
  payloads: z.array(z.union([z.string(), z.strictObject({ base64: z.base64() })])),
});

const asked = z.strictObject({
  query: z.enum(['agent', 'list', 'events', 'replay', 'treeAt', 'verify']),
  request: z.record(z.string(), z.unknown()),
});

/**
 * One use of an archive, without any server. `pack`: commits and payloads of standard input become an archive. `check FILE`:
 * says what is in it. `case FILE [REGISTRY]`: what an evaluation needs of it. `ask FILE [REGISTRY]`: answers the question of
 * standard input as the owner of agents would.
 *
 * @throws ArchiveError when the archive is not whole
 */
export async function runArchiveProgram(
  [verb, file = '', registryFile]: readonly string[],
  input: NodeJS.ReadableStream,
): Promise<string> {
  if (verb === 'pack') return pack(packed.parse(JSON.parse(await text(input))));
  const archive = readArchive(readFileSync(file, 'utf8'));
  if (verb === 'check') return JSON.stringify(archive.header);
  const read = await readerOf(archive, registryFile);
  if (verb === 'case') return JSON.stringify(await recordedCase(read));
  const { query, request } = asked.parse(JSON.parse(await text(input)));
  const { rootId, tenant } = archive.header;
  const whole = queryRequestSchemas[query].parse({ agentId: rootId, rootId, ...request, tenant });
  const answer = await read.queries.answer(query, whole);
  return JSON.stringify({ rootId, answer });
}

async function pack(given: z.infer<typeof packed>): Promise<string> {
  const payloads = given.payloads.map((each) =>
    typeof each === 'string' ? each : payloadOfContent(each),
  );
  const source = await archiveSource({ ...given, payloads });
  return writeArchive(source, given);
}

async function readerOf(
  { header, commits, payloads: contents }: ReturnType<typeof readArchive>,
  registryFile: string | undefined,
) {
  const { tenant } = header;
  const source = await archiveSource({ tenant, commits, payloads: contents.values() });
  const index = new AgentIndex();
  const feed = new IndexFeed(source.store, index, silentLogger);
  const indexed = await source.store.subscribe({}, (commit) => feed.handle(readCommit(commit)));
  await indexed.caughtUp;
  await indexed.stop();
  const registry = loadRegistry(registryFile, { environment: {} });
  if (isUnreadable(registry))
    throw new ArchiveError(`${registryFile}: ${registry.findings[0]?.cause}`);
  const past = createReplayQueries({ ...source, registry: { current: registry } });
  const tenants = { quotasOf: () => ({}) };
  const usage = new TenantUsage({ index, tenants, clock: systemClock, maxWaiting: 0 });
  const templates = (asker: string) => templatesFor({ current: registry }, asker);
  const agents = new Agents(source.store, systemClock);
  const board = (asked: QueryRequest<'board'>) => shownBoard({ ...source, agents }, asked);
  const queries = new Queries(source.store, index, past, { usage, templates, board });
  return { ...source, header, queries };
}
