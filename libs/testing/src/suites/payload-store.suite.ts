import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { INLINE_TEXT_MAX_BYTES } from '@skynet/contracts';
import { readText, storeText, type PayloadStore } from '@skynet/platform';

/** A store and how to close it. */
export interface PayloadStoreUnderTest {
  readonly store: PayloadStore;
  dispose(): Promise<void>;
}

const LARGEST = 16 * 1024 * 1024;

/** What every PayloadStore does; each adapter's spec calls it. */
export function payloadStoreSuite(
  name: string,
  makeStore: () => Promise<PayloadStoreUnderTest>,
): void {
  describe(`the payload store ${name}`, () => {
    let underTest: PayloadStoreUnderTest;
    const store = () => underTest.store;
    beforeEach(async () => {
      underTest = await makeStore();
    });
    afterEach(() => underTest.dispose());
    describe('a payload', () => payloadRules(store));
    describe('a file', () => fileRules(store));
    describe('a text of an event', () => textRules(store));
  });
}

function payloadRules(store: () => PayloadStore): void {
  it('is found again under its hash and length', async () => {
    const text = 'ключ 🗝️ "\\\n\u0000';
    const ref = await store().put('acme', text);
    expect(ref.bytes).toBe(Buffer.byteLength(text));
    expect(ref.sha256).toBe(createHash('sha256').update(text).digest('hex'));
    expect(await store().get('acme', ref)).toBe(text);
  });

  it('may be stored again, which changes nothing', async () => {
    const ref = await store().put('acme', 'text');
    expect(await store().put('acme', 'text')).toEqual(ref);
    expect(await store().get('acme', ref)).toBe('text');
  });

  it('may be empty', async () => {
    const ref = await store().put('acme', '');
    expect(await store().get('acme', ref)).toBe('');
  });

  it('is unknown to other tenants, and when it was never stored', async () => {
    const ref = await store().put('acme', 'text');
    expect(await store().get('other', ref)).toBeUndefined();
    expect(await store().get('acme', { ...ref, sha256: 'f'.repeat(64) })).toBeUndefined();
  });

  it('may have 16 MiB and no byte more', async () => {
    const ref = await store().put('acme', 'x'.repeat(LARGEST));
    expect(await store().get('acme', ref)).toHaveLength(LARGEST);
    await expect(store().put('acme', 'x'.repeat(LARGEST + 1))).rejects.toMatchObject({
      name: 'WorldError',
      retry: 'never',
    });
  });

  it('is whole at any length, in any script', async () => {
    const characters = ['a', 'ключ', '🗝️'];
    for (const kibibytes of [899, 900, 901, 1_800, 2_500]) {
      const text = Array.from({ length: kibibytes }, (_, n) =>
        (characters[n % 3] ?? '').repeat(1_024 / 8),
      ).join('');
      const ref = await store().put('acme', text);
      expect((await store().get('acme', ref)) === text).toBe(true);
      expect(await store().put('acme', text)).toEqual(ref);
    }
  });

  it('belongs to a tenant with a plain name', async () => {
    for (const tenant of ['', 'a.b', '*', 'a b']) {
      await expect(store().put(tenant, 'text')).rejects.toThrow();
    }
  });
}

function fileRules(store: () => PayloadStore): void {
  const noText = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3]);

  it('is found again byte by byte, by its reference and by its hash alone', async () => {
    const ref = await store().put('acme', noText);
    expect(ref).toEqual({
      sha256: createHash('sha256').update(noText).digest('hex'),
      bytes: noText.length,
    });
    expect(await store().getBytes('acme', ref)).toEqual(noText);
    expect(await store().find('acme', ref.sha256)).toEqual(noText);
  });

  it('and the text of the same bytes are the same payload', async () => {
    const ref = await store().put('acme', Buffer.from('ключ'));
    expect(await store().put('acme', 'ключ')).toEqual(ref);
    expect(await store().get('acme', ref)).toBe('ключ');
  });

  it('is whole at any length, up to 16 MiB and no byte more', async () => {
    for (const bytes of [0, 900 * 1024, 900 * 1024 + 1, LARGEST]) {
      const file = Buffer.alloc(bytes, noText);
      const ref = await store().put('acme', file);
      expect((await store().getBytes('acme', ref))?.equals(file)).toBe(true);
      expect((await store().find('acme', ref.sha256))?.equals(file)).toBe(true);
    }
    await expect(store().put('acme', Buffer.alloc(LARGEST + 1))).rejects.toMatchObject({
      name: 'WorldError',
      retry: 'never',
    });
  });

  it('is unknown to other tenants, and when it was never stored', async () => {
    const ref = await store().put('acme', noText);
    expect(await store().getBytes('other', ref)).toBeUndefined();
    expect(await store().find('other', ref.sha256)).toBeUndefined();
    expect(await store().find('acme', 'f'.repeat(64))).toBeUndefined();
  });
}

function textRules(store: () => PayloadStore): void {
  it('stays in the event up to the limit, counted in bytes', async () => {
    const text = 'ä'.repeat(INLINE_TEXT_MAX_BYTES / 2);
    expect(await storeText(store(), 'acme', text)).toBe(text);
    expect(await readText(store(), 'acme', text)).toBe(text);
  });

  it('is a reference beyond it, and whole when read', async () => {
    const text = 'ä'.repeat(INLINE_TEXT_MAX_BYTES / 2) + '.';
    const stored = await storeText(store(), 'acme', text);
    expect(stored).toEqual(await store().put('acme', text));
    expect(await readText(store(), 'acme', stored)).toBe(text);
  });

  it('is an error when what it refers to is missing', async () => {
    const missing = readText(store(), 'acme', { sha256: 'f'.repeat(64), bytes: 9_000 });
    await expect(missing).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
  });
}
