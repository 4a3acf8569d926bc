import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryStateStores, silentLogger } from '@skynet/platform';
import { ManualClock, RecordingAuditTrail } from '@skynet/testing';
import { aRegistry, aServer } from '../../testing/registries.js';
import { approveTools } from './approvals.js';
import { definitionChanges } from './definition-changes.js';
import { definitionOf } from '../definition.js';
import { PinBook } from './pin-book.js';
import { observe } from './pins.js';

const inputSchema = { type: 'object', properties: { path: { type: 'string' } } };
const read = { name: 'read', description: 'Reads.', inputSchema };
const write = { name: 'write', description: 'Writes.', inputSchema };
const readOther = { ...read, description: 'Reads all.' };
const writeOther = { ...write, inputSchema: { type: 'object' } };

const registry = aRegistry({
  servers: { files: aServer(), own: aServer({ trusted: true }) },
  refused: { 'servers.web': 'the variable KEY is not set' },
});

type Tool = Readonly<Record<string, unknown>> & { readonly name: string };

let book: PinBook;
let audit: RecordingAuditTrail;

beforeEach(() => {
  audit = new RecordingAuditTrail();
  book = new PinBook(new MemoryStateStores(), silentLogger);
});

async function sees(...tools: readonly Tool[]) {
  const served = new Map(tools.map((tool) => [tool.name, definitionOf(tool)]));
  await book.update('files', (pins) => observe(pins, { served, nowMs: 7, isNew: true }));
}

function ask(server: string, tools: string[] = [], dryRun = false, by?: string) {
  const means = { pins: book, registry, clock: new ManualClock(), log: silentLogger, audit };
  return approveTools({ server, tools, dryRun, by }, means);
}

describe('an approval', () => {
  beforeEach(async () => {
    await sees(read, write);
    await sees(readOther, writeOther);
  });

  it('takes all that waits, and says what is other', async () => {
    expect(await ask('files')).toEqual({
      approved: [
        {
          tool: 'read',
          kind: 'changed',
          sinceMs: 7,
          changes: ['- description: "Reads."', '+ description: "Reads all."'],
        },
        {
          tool: 'write',
          kind: 'changed',
          sinceMs: 7,
          changes: ['- inputSchema.properties.path.type: "string"'],
        },
      ],
    });
    expect(await ask('files')).toEqual({
      refused: 'Nothing of files waits for approval.',
      approved: [],
    });
  });

  it('takes only what is named, when all of that waits', async () => {
    const wrong = await ask('files', ['read', 'typo']);
    expect(wrong.refused).toBe('Of files these do not wait for approval: typo.');
    expect((await ask('files', ['read'])).approved).toMatchObject([{ tool: 'read' }]);
    expect((await ask('files')).approved).toMatchObject([{ tool: 'write' }]);
  });

  it('leaves a record with who asked, before it is made', async () => {
    const seen: number[] = [];
    const update = book.update.bind(book);
    book.update = (...asked) => {
      seen.push(audit.acts.length);
      return update(...asked);
    };
    await ask('files', ['read'], false, 'eve');
    expect(seen).toEqual([1]);
    const of = { act: 'approve-tools', target: { kind: 'server', id: 'files' } };
    const allowed = { ...of, outcome: 'allowed', principal: 'operator:eve' };
    expect(audit.acts).toEqual([{ ...allowed, details: { tools: 'read' } }]);
    await ask('files', [], true);
    expect(audit.acts).toHaveLength(1);
    await ask('files', ['read']);
    const reason = 'Of files these do not wait for approval: read.';
    expect(audit.acts.slice(1)).toEqual([
      { ...of, outcome: 'refused', principal: 'operator', reason },
    ]);
  });

  it('changes nothing when it only asks', async () => {
    expect((await ask('files', [], true)).approved).toHaveLength(2);
    expect((await ask('files')).approved).toHaveLength(2);
  });

  it('says what is other of what was approved, also when that came a moment ago', async () => {
    const update = book.update.bind(book);
    let isFirst = true;
    book.update = async (server, change) => {
      if (isFirst) {
        isFirst = false;
        await sees({ ...read, description: 'Reads more.' }, write);
      }
      return update(server, change);
    };
    const { approved } = await ask('files');
    expect(approved.map(({ changes }) => changes[1])).toEqual(['+ description: "Reads more."']);
  });
});

describe('an approval is refused', () => {
  it.each([
    ['files', 'Nothing of files waits for approval.'],
    ['own', 'own is trusted: nothing of it has to be approved.'],
    ['web', 'web is left out of the registry: the variable KEY is not set.'],
    ['other', 'There is no tool server other.'],
    ['toString', 'There is no tool server toString.'],
  ])('for %s: %s', async (server, refused) => {
    expect(await ask(server)).toEqual({ refused, approved: [] });
  });
});

describe('what differs between two definitions', () => {
  const changes = (one: object | undefined, other: object) =>
    definitionChanges(one && definitionOf(one), definitionOf(other));

  it('shows what hides', () => {
    const hidden = { ...read, description: 'Reads.\u202e\u200b\u001b[2J\n<hidden>\u{e0041}' };
    const [, line = ''] = changes(read, hidden);
    expect(line).toBe('+ description: "Reads.\\u{202e}\\u{200b}\\u001b[2J\\n<hidden>\\u{e0041}"');
  });

  it('is cut to what differs, and to a length that can be read', () => {
    const [long, other] = ['x'.repeat(2_000), 'y'.repeat(2_000)];
    const lines = changes(
      { ...read, description: `${long}a${long}` },
      { ...read, description: `${long}b${long}` },
    );
    const [x, y] = ['x'.repeat(40), 'x'.repeat(40)];
    expect(lines).toEqual([`- description: …${x}a${y}…`, `+ description: …${x}b${y}…`]);
    const [, whole = ''] = changes(read, { ...read, description: other });
    expect(whole).toMatch(/^\+ description: "y{399}… \(1602 more characters\)$/);
    const many = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`p${n}`, n]));
    expect(changes(read, { ...read, annotations: many }).at(-1)).toBe('… and 69 more lines');
  });

  it('is the whole of a new one, and the hashes of those that are not kept', () => {
    expect(changes(undefined, read)).toContain('+ description: "Reads."');
    const huge = definitionOf({ ...read, description: 'x'.repeat(99_999) });
    expect(definitionChanges(definitionOf(read), huge)).toEqual([
      `- sha256 ${definitionOf(read).hash}`,
      `+ sha256 ${huge.hash}`,
      'text not kept: it was too long',
    ]);
  });
});
