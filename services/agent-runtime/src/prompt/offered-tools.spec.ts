import { describe, expect, it } from '@jest/globals';
import { MemoryPayloadStore } from '@skynet/platform';
import type { ModelTool } from '../models/model.port.js';
import { OfferedTools } from './offered-tools.js';

class CountingPayloads extends MemoryPayloadStore {
  puts = 0;

  override put(tenant: string, text: string) {
    this.puts += 1;
    return super.put(tenant, text);
  }
}

const tool = (name: string): ModelTool => ({
  name,
  description: 'acts',
  inputSchema: { type: 'object' },
});

describe('the tools that a run offers', () => {
  it('can be read back as they were offered', async () => {
    const payloads = new MemoryPayloadStore();
    const ref = await new OfferedTools(payloads).keep('acme', [tool('a'), tool('b')]);
    const text = (await payloads.get('acme', ref)) ?? '';
    expect(JSON.parse(text)).toEqual([tool('a'), tool('b')]);
  });

  it('are written once for each tenant and set', async () => {
    const payloads = new CountingPayloads();
    const offered = new OfferedTools(payloads);
    const [a, b] = [tool('a'), tool('b')];
    const first = await offered.keep('acme', [a]);
    expect(await offered.keep('acme', [a])).toEqual(first);
    expect(payloads.puts).toBe(1);
    await offered.keep('globex', [a]);
    await offered.keep('acme', [a, b]);
    expect(payloads.puts).toBe(3);
  });
});
