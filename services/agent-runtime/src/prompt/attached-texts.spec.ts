import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Attachment } from '@skynet/contracts';
import { MemoryPayloadStore } from '@skynet/platform';
import { keptAttachments } from '../attachments/kept-attachments.js';
import { attachedTexts } from './attached-texts.js';

let payloads: MemoryPayloadStore;

beforeEach(() => {
  payloads = new MemoryPayloadStore();
});

async function text(content: string): Promise<Attachment> {
  return { content: await payloads.put('acme', content), mediaType: 'text/plain' };
}

const tell = (attachments: readonly Attachment[]) =>
  attachedTexts(attachments, { payloads, tenant: 'acme', contextTokens: undefined });

describe('texts of a task', () => {
  it('are not read where there is no room for them', async () => {
    const files = await Promise.all(['a', 'b', 'c'].map((each) => text(each.repeat(33_000))));
    const read: string[] = [];
    const { getBytes } = payloads;
    payloads.getBytes = (tenant, ref) => {
      read.push(ref.sha256);
      return getBytes.call(payloads, tenant, ref);
    };
    expect(await tell(files)).toContain('[cut after 0 of 33000 bytes; read_result with this id');
    expect(read).toEqual(files.slice(0, 2).map(({ content }) => content.sha256));
  });
});

describe('whole attachments', () => {
  it('are read four at once by all agents of a process, for whatever reason', async () => {
    const file = await text('a text');
    const id = file.content.sha256;
    const held: (() => void)[] = [];
    let isOpen = false;
    payloads.find = payloads.getBytes = async () => {
      if (!isOpen) await new Promise<void>((resolve) => held.push(resolve));
      return Buffer.from('a text');
    };
    const work = Array.from({ length: 4 }, () => [
      tell([file]),
      keptAttachments(payloads, 'acme', [{ id }]),
    ]).flat();
    await turn();
    expect(held).toHaveLength(4);
    held.shift()?.();
    while (held.length < 4) await turn();
    isOpen = true;
    for (const release of held) release();
    for (const done of await Promise.all(work)) expect(JSON.stringify(done)).toContain(id);
  });
});
