import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { Trouble } from '../ending/trouble.js';
import {
  BACKUP_VERSION,
  footerSchemas,
  headerSchema,
  lineSchema,
  readVersions,
  type BackupContent,
  type BackupFooter,
  type BackupRecord,
  type ReadVersion,
} from './backup-lines.js';
import type { ContentCount } from './content-count.js';
import type { SigningKey } from './signing-key.js';
import { requireTrusted, type Trust } from './trust.js';

const BUFFER_CHARS = 1_000_000;
const HASH_BEFORE = '{"sha256":"';
const RECORD_BEFORE = '","record":';
const RECORD_FROM = HASH_BEFORE.length + 64 + RECORD_BEFORE.length;

/** A backup that is being written; it has its name only when it is whole and on the disk. */
export class BackupWriter {
  private readonly hash: Hash = createHash('sha256');
  private waiting = '';

  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private readonly count: ContentCount,
  ) {}

  /** @throws Trouble when there is such a file already */
  static async open(file: string, count: ContentCount): Promise<BackupWriter> {
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) throw new Trouble(`There is ${file} already.`, { next: 'Choose another name.' });
    const handle = await open(partOf(file), 'w', 0o600);
    const writer = new BackupWriter(file, handle, count);
    const header = {
      kind: 'skynet-backup',
      version: BACKUP_VERSION,
      madeAt: new Date().toISOString(),
    };
    await writer.line(JSON.stringify(header));
    return writer;
  }

  async write(record: BackupRecord): Promise<void> {
    this.count.add(record);
    const json = JSON.stringify(record);
    await this.line(`${HASH_BEFORE}${sha256Of(json)}${RECORD_BEFORE}${json}}`);
  }

  async finish(key: Pick<SigningKey, 'sign'>): Promise<BackupFooter> {
    const content = this.count.content();
    const sha256 = this.hash.copy().digest('hex');
    const signature = key.sign({ content, sha256 });
    const footer: BackupFooter = { kind: 'end', content, sha256, signature };
    await this.line(JSON.stringify(footer));
    await this.flush();
    await this.handle.sync();
    await this.handle.close();
    await rename(partOf(this.file), this.file);
    return footer;
  }

  /** Leaves nothing behind. */
  async giveUp(): Promise<void> {
    await this.handle.close();
    await rm(partOf(this.file), { force: true });
  }

  private async line(text: string): Promise<void> {
    this.hash.update(`${text}\n`);
    this.waiting += `${text}\n`;
    if (this.waiting.length >= BUFFER_CHARS) await this.flush();
  }

  private async flush(): Promise<void> {
    const text = this.waiting;
    this.waiting = '';
    await this.handle.writeFile(text);
  }
}

function partOf(file: string): string {
  return `${file}.part`;
}

/**
 * The records of a backup in their order, each checked; the footer comes back at the end, when somebody who is trusted
 * vouches for it. Nothing is kept in memory.
 *
 * @throws Trouble that says what is wrong, and in which line
 */
export async function* readBackup(
  file: string,
  count: ContentCount,
  trust: Trust,
): AsyncGenerator<BackupRecord, BackupFooter, undefined> {
  const hash = createHash('sha256');
  let number = 0;
  let version: ReadVersion = BACKUP_VERSION;
  let footer: BackupFooter | undefined;
  for await (const text of linesOf(file)) {
    number += 1;
    if (footer !== undefined) throw bad('The backup was altered: it goes on after its end.');
    if (number === 1) version = versionOf(text);
    else footer = endOf(text, version);
    if (footer !== undefined) checkEnd(footer, hash.copy().digest('hex'), count.content());
    hash.update(`${text}\n`);
    if (number > 1 && footer === undefined) yield take(text, number, count);
  }
  if (footer === undefined) throw bad(number === 0 ? NO_BACKUP : CUT_OFF);
  requireTrusted(footer, trust);
  return footer;
}

const NO_BACKUP = 'This is no backup of a stack.';
const CUT_OFF = 'The backup is cut off: its last line is missing.';

/** Split at line feeds only: Node's readline splits at U+2028 as well, which may stand in a text. */
async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const parts = chunk.split('\n');
    parts[0] = rest + (parts[0] ?? '');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

function versionOf(text: string): ReadVersion {
  const { kind, version } = (parsed(text) ?? {}) as { kind?: unknown; version?: unknown };
  if (kind !== 'skynet-backup') throw bad(NO_BACKUP);
  if (!readVersions.some((each) => each === version)) {
    throw bad(
      `The backup has version ${String(version)}; this program reads ${readVersions.join(' and ')}.`,
    );
  }
  const header = headerSchema.safeParse(parsed(text));
  if (!header.success) throw bad('Line 1 is damaged.');
  return header.data.version;
}

function endOf(text: string, version: ReadVersion): BackupFooter | undefined {
  if (!text.startsWith('{"kind":"end"')) return undefined;
  return footerSchemas[version].safeParse(parsed(text)).data;
}

function take(text: string, number: number, count: ContentCount): BackupRecord {
  const json = parsed(text);
  const line = lineSchema.safeParse(json);
  // The last line that is there may be there in part.
  if (!line.success) throw bad(`Line ${number} is damaged or cut off.`);
  if (sha256Of(text.slice(RECORD_FROM, -1)) !== line.data.sha256) {
    throw bad(`Line ${number} was altered: its content has another hash.`);
  }
  // Not as the schema gives it, which sorts keys: events keep the order of theirs.
  const { record } = json as { readonly record: BackupRecord };
  if (record.kind === 'commit') {
    const first = record.revision - record.events.length + 1;
    if (first !== count.revisionOf(record.stream) + 1) {
      throw bad(`The log of ${record.stream} has a gap before event ${first}.`);
    }
  }
  count.add(record);
  return record;
}

function checkEnd(footer: BackupFooter, sha256: string, content: BackupContent): void {
  const isWhole = JSON.stringify(footer.content) === JSON.stringify(content);
  if (isWhole && footer.sha256 === sha256) return;
  throw bad('The backup was altered: its lines do not fit the hash of everything.');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function bad(message: string): Trouble {
  return new Trouble(message, { next: 'Nothing was changed.' });
}
