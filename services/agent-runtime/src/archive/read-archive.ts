import type { ArchivedCommit } from '@skynet/contracts';
import { hashOf, sha256Hex } from '@skynet/platform';
import { payloadOfContent, payloadsNamedIn } from '@skynet/platform/operations';
import { z } from 'zod';
import {
  ArchiveError,
  archiveFooterSchema,
  archiveHeaderSchema,
  archiveLineSchema,
  ARCHIVE_VERSION,
  type ArchiveHeader,
  type ArchiveLine,
} from './archive-lines.js';

/** A tree as it came from some system, whole and unaltered. */
export interface Archive {
  readonly header: ArchiveHeader;
  /** In log order. */
  readonly commits: readonly ArchivedCommit[];
  readonly payloads: ReadonlyMap<string, string | Buffer>;
}

const footerLine = z.object({ kind: z.literal('end') });

/**
 * Reads an archive and checks every hash, count and reference of it.
 *
 * @throws ArchiveError that says what is wrong, and in which line
 */
export function readArchive(text: string): Archive {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const header = headerOf(lines[0]);
  const footer = parse(lines.at(-1) ?? '');
  if (!footerLine.safeParse(footer).success) {
    throw new ArchiveError('The archive is cut off: its last line is missing.');
  }
  const content = lines.slice(1, -1);
  const read = content.map((line, index) => lineOf(line, index + 2));
  const commits = read.flatMap((line) => (line.kind === 'commit' ? [line.commit] : []));
  const payloads = new Map(
    read.flatMap((line) =>
      line.kind === 'payload' ? [[line.sha256, payloadOfContent(line)] as const] : [],
    ),
  );
  const archive = { header, commits, payloads };
  checkCounts(archive);
  const { sha256 } = archiveFooterSchema.parse(footer);
  const isWhole = sha256Hex(`${lines.slice(0, -1).join('\n')}\n`) === sha256;
  if (!isWhole || sha256Hex(content.join('\n')) !== header.content) {
    throw new ArchiveError('The archive was altered: header and lines do not fit its hashes.');
  }
  checkStreams(archive);
  return archive;
}

function headerOf(line: string | undefined): ArchiveHeader {
  const json = parse(line ?? '');
  const { kind, version } = (json ?? {}) as { kind?: unknown; version?: unknown };
  if (kind !== 'skynet-tree') throw new ArchiveError('This is no archive of a tree.');
  if (version !== ARCHIVE_VERSION) {
    throw new ArchiveError(
      `The archive has version ${String(version)}; this program reads version ${ARCHIVE_VERSION}.`,
    );
  }
  const header = archiveHeaderSchema.safeParse(json);
  if (header.success) return header.data;
  throw new ArchiveError(`Line 1 is damaged: ${z.prettifyError(header.error)}`);
}

function lineOf(text: string, number: number): ArchiveLine {
  const line = archiveLineSchema.safeParse(parse(text));
  if (!line.success) throw new ArchiveError(`Line ${number} is damaged.`);
  const { data } = line;
  const sha256 = data.kind === 'payload' ? sha256Hex(payloadOfContent(data)) : hashOf(data.commit);
  if (sha256 === data.sha256) return data;
  throw new ArchiveError(`Line ${number} was altered: its content has another hash.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkCounts({ header, commits, payloads }: Archive): void {
  const counts = {
    agents: new Set(commits.map(({ agentId }) => agentId)).size,
    commits: commits.length,
    events: commits.reduce((sum, { events }) => sum + events.length, 0),
    payloads: payloads.size,
  };
  for (const [name, count] of Object.entries(counts)) {
    const said = header[name as keyof typeof counts];
    if (said === count) continue;
    throw new ArchiveError(`The archive has ${count} ${name} where its header says ${said}.`);
  }
}

/** Every stream without a gap, every payload there, everything of one tree and tenant. */
function checkStreams({ header, commits, payloads }: Archive): void {
  const next = new Map<string, number>();
  for (const { agentId, revision, events } of commits) {
    if ((next.get(agentId) ?? 0) !== revision) {
      throw new ArchiveError(`The log of ${agentId} has a gap before event ${revision}.`);
    }
    next.set(agentId, revision + events.length);
    // Later events may be on behalf of others: the scheduler admits in its own name.
    if (revision === 0 && events[0]?.tenant !== header.tenant) {
      throw new ArchiveError(`The agent ${agentId} belongs to another tenant.`);
    }
    const named = payloadsNamedIn(events.map(({ data }) => data));
    const missing = named.find(({ sha256 }) => !payloads.has(sha256));
    if (missing === undefined) continue;
    throw new ArchiveError(`The payload ${missing.sha256} of ${agentId} is missing.`);
  }
  if (!next.has(header.rootId)) throw new ArchiveError(`The root ${header.rootId} is missing.`);
}
