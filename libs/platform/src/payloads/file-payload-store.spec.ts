import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { payloadStoreSuite } from '@skynet/testing';
import { FilePayloadStore } from './file-payload-store.adapter.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-payloads-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

payloadStoreSuite('in files', async () => ({
  store: await FilePayloadStore.open(folder),
  dispose: () => Promise.resolve(),
}));

describe('a payload in a file', () => {
  it('is there for the next process, and leaves nothing else behind', async () => {
    const ref = await (await FilePayloadStore.open(folder)).put('acme', 'text');
    const next = await FilePayloadStore.open(folder);
    expect(await next.get('acme', ref)).toBe('text');
    expect(readdirSync(folder)).toEqual(['acme']);
    expect(readdirSync(join(folder, 'acme'))).toEqual([ref.sha256]);
  });

  it('is stored once by many at the same time', async () => {
    const store = await FilePayloadStore.open(folder);
    const puts = Array.from({ length: 16 }, () => store.put('acme', 'text'.repeat(10_000)));
    const [ref] = await Promise.all(puts);
    expect(readdirSync(join(folder, 'acme'))).toEqual([ref?.sha256]);
  });

  it('is reported as damaged when it was changed, and mended when it was cut off', async () => {
    const store = await FilePayloadStore.open(folder);
    const ref = await store.put('acme', 'text');
    const file = join(folder, 'acme', ref.sha256);
    writeFileSync(file, 'tex');
    await expect(store.get('acme', ref)).rejects.toThrow('damaged');
    await store.put('acme', 'text');
    expect(await store.get('acme', ref)).toBe('text');
    writeFileSync(file, 'TEXT');
    await expect(store.get('acme', ref)).rejects.toThrow('damaged');
  });

  it('that can not be stored now is an error that may pass, and nothing is left of it', async () => {
    const store = await FilePayloadStore.open(folder);
    writeFileSync(join(folder, 'acme'), 'a file where a folder should be');
    const storing = store.put('acme', 'text');
    await expect(storing).rejects.toMatchObject({ name: 'WorldError', retry: 'later' });
    rmSync(join(folder, 'acme'));
    const ref = await store.put('acme', 'text');
    expect(await store.get('acme', ref)).toBe('text');
  });
});

describe('a folder for payloads', () => {
  it('is made when it is not there', async () => {
    const store = await FilePayloadStore.open(join(folder, 'new', 'one'));
    expect(await store.get('acme', await store.put('acme', 'text'))).toBe('text');
  });

  it('that is a file is refused at once', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    chmodSync(file, 0o400);
    const opening = FilePayloadStore.open(file);
    await expect(opening).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
  });
});
