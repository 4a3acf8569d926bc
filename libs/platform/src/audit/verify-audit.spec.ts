import { beforeAll, describe, expect, it } from '@jest/globals';
import { auditEntrySchema, type AuditRecord } from '@skynet/contracts';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { hashOfRecord, recordAfter } from './audit-chain.js';
import { signCheckpoint, type AuditKeys } from './audit-checkpoint.js';
import { verifyAudit } from './verify-audit.js';

const COUNT = 400;
const EACH = 37;

interface Key {
  readonly kid: string;
  readonly jwk: JWK;
  readonly publicKeys: AuditKeys;
}

let own: Key;
let records: AuditRecord[];
let lines: string[];
/** Where the line of each record is. */
let lineOf: number[];

async function newKey(kid: string): Promise<Key> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const { x = '', y = '' } = jwk;
  return { kid, jwk, publicKeys: { keys: [{ kty: 'EC', crv: 'P-256', kid, x, y }] } };
}

function made(seq: number): AuditRecord {
  const entry = auditEntrySchema.parse({
    id: `00000000-0000-4000-8000-${String(seq).padStart(12, '0')}`,
    timeMs: 1_700_000_000_000 + seq,
    act: 'spawn_agent',
    outcome: seq % 3 === 0 ? 'refused' : 'allowed',
    principal: `user-${seq % 7}`,
    tenant: 'acme',
    details: { model: 'ü🙂', call: String(seq) },
  });
  const source = { stream: 'AUDIT', sequence: seq + 1 };
  return recordAfter(records[seq - 1], { service: 'mcp-edge', entry, source });
}

beforeAll(async () => {
  own = await newKey('own');
  records = [];
  lines = [''];
  lineOf = [];
  for (let seq = 0; seq < COUNT; seq += 1) {
    const record = made(seq);
    records.push(record);
    lineOf.push(lines.length);
    lines.push(JSON.stringify({ record }));
    if ((seq + 1) % EACH === 0) {
      lines.push(JSON.stringify({ checkpoint: { seq, jws: await signed(seq) } }));
    }
  }
  lines[0] = await header();
});

async function signed(seq: number, key = own): Promise<string> {
  const record = records[seq];
  if (record === undefined) throw new Error(`no record ${seq}`);
  return signCheckpoint(record, 1_700_000_000_000 + seq * 1_000, key);
}

async function header(from = 0, to = COUNT - 1, key = own): Promise<string> {
  return JSON.stringify({
    format: 'skynet-audit',
    version: 1,
    from,
    head: await signed(to, key),
  });
}

const verify = (file: readonly string[], known: readonly string[] = []) =>
  verifyAudit(file, { keys: own.publicKeys, known });

/** Places all over the chain, the ends and those beside a signature among them. */
const places = [
  ...[0, 1, EACH - 1, EACH, EACH + 1, COUNT - 2],
  ...Array.from({ length: 94 }, (_, index) => 3 + index * 4),
];

describe('an export', () => {
  it('that nobody touched is sound', async () => {
    expect(await verify(lines)).toEqual({
      records: COUNT,
      checkpoints: 1 + Math.floor(COUNT / EACH),
      from: 0,
      to: COUNT - 1,
      signedAt: new Date(1_700_000_000_000 + (COUNT - 1) * 1_000).toISOString(),
    });
  });

  it('may begin in the middle', async () => {
    const file = [await header(100), ...lines.slice(lineOf[100])];
    expect(await verify(file)).toMatchObject({ records: 300, from: 100, to: 399 });
  });

  it('is as good when checkpoints within it are gone: the end vouches for all', async () => {
    const file = lines.filter((line) => !line.startsWith('{"checkpoint"'));
    expect(await verify(file)).toMatchObject({ records: COUNT, checkpoints: 1, to: 399 });
  });

  it('agrees with checkpoints that were kept elsewhere', async () => {
    expect((await verify(lines, [await signed(36), await signed(200)])).fault).toBeUndefined();
  });
});

describe.each(places)('what was done to record %i is found', (seq) => {
  const at = (each: number) => lineOf[each] ?? 0;
  const replaced = (change: (record: AuditRecord) => object) =>
    lines.with(at(seq), JSON.stringify({ record: change(records[seq] as AuditRecord) }));

  it('altered, as it is and with a hash that fits', async () => {
    const forged = (record: AuditRecord) => ({
      ...record,
      entry: { ...record.entry, principal: 'mallory' },
    });
    const fault = { seq, kind: 'altered' };
    expect(await verify(replaced(forged))).toMatchObject({ fault });
    const rehashed = replaced((record) => {
      const other = forged(record);
      return { ...other, hash: hashOfRecord(other) };
    });
    expect(await verify(rehashed)).toMatchObject({ fault });
    expect(await verify(replaced((record) => ({ ...record, more: 'x' })))).toMatchObject({ fault });
    expect(await verify(lines.with(at(seq), '{"record":'))).toMatchObject({ fault });
  });

  it('removed', async () => {
    const file = lines.toSpliced(at(seq), 1);
    expect(await verify(file)).toMatchObject({ fault: { seq, kind: 'removed' } });
  });

  it('reordered', async () => {
    const other = seq + 1;
    const swapped = lines
      .with(at(seq), lines[at(other)] ?? '')
      .with(at(other), lines[at(seq)] ?? '');
    expect(await verify(swapped)).toMatchObject({ fault: { seq, kind: 'reordered' } });
  });

  it('added', async () => {
    const file = lines.toSpliced(at(seq) + 1, 0, lines[at(seq)] ?? '');
    expect(await verify(file)).toMatchObject({ fault: { seq, kind: 'added' } });
  });

  it('cut off, with all behind it', async () => {
    const file = lines.slice(0, at(seq));
    expect(await verify(file)).toMatchObject({ fault: { seq, kind: 'cut' } });
  });
});

describe('a file that is sound in itself', () => {
  it('is found to be an old one by a checkpoint that was kept elsewhere', async () => {
    const old = [await header(0, 99), ...lines.slice(1, lineOf[100])];
    expect((await verify(old)).fault).toBeUndefined();
    expect(await verify(old, [await signed(200)])).toMatchObject({
      fault: { seq: 100, kind: 'cut' },
    });
  });

  it('is found to be another chain by a checkpoint that was kept elsewhere', async () => {
    const kept = await signCheckpoint({ seq: 50, hash: 'f'.repeat(64) }, 1_700_000_000_000, own);
    expect(await verify(lines, [kept])).toMatchObject({ fault: { seq: 50, kind: 'altered' } });
  });

  it.each([
    ['an empty file', []],
    ['a file without header', ['{"record":{"seq":0}}']],
    ['a deep line', ['['.repeat(100_000)]],
  ])('%s is none', async (_what, file) => {
    expect(await verify(file)).toMatchObject({ fault: { kind: 'unsigned' } });
  });

  it('is none when another key signed it', async () => {
    const other = await newKey('own');
    const file = lines.with(0, await header(0, COUNT - 1, other));
    expect(await verify(file)).toMatchObject({ fault: { kind: 'unsigned' } });
  });

  it('is none with a line of something else in it, or behind its end', async () => {
    const between = lines.toSpliced(50, 0, '{"note":"all is well"}');
    expect(await verify(between)).toMatchObject({ fault: { kind: 'added' } });
    const record = { ...records[COUNT - 1], seq: COUNT };
    const behind = [...lines, JSON.stringify({ record })];
    expect(await verify(behind)).toMatchObject({ fault: { seq: COUNT, kind: 'added' } });
  });

  it('has one form: what two readers would read differently is altered', async () => {
    const line = lines[10] ?? '';
    const twice = line.replace('"entry":{', '"entry":{"act":"login",');
    expect(await verify(lines.with(10, twice))).toMatchObject({ fault: { kind: 'altered' } });
  });
});
