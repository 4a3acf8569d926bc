import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { aServer } from '../testing/registries.js';
import type { ToolCallRequest, ToolServer } from './tool-server.port.js';
import { placeOfResult } from './place-of-result.js';
import { ResultCache } from './result-cache.js';

const place = (key: string) => ({ key, seconds: 60 });
const result = (content: string) => ({ content, isError: false });

describe('kept results', () => {
  it('have room for so many, and for so much; the oldest leave', () => {
    const cache = new ResultCache(new ManualClock(), { values: 2, chars: 10 });
    for (const key of ['a', 'b', 'c']) cache.keep(place(key), result(key));
    expect(['a', 'b', 'c'].map((key) => cache.get(place(key))?.content)).toEqual([
      undefined,
      'b',
      'c',
    ]);
    cache.keep(place('d'), result('123456789'));
    expect(['b', 'c', 'd'].map((key) => cache.get(place(key)) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
    const images = [{ mimeType: 'image/png', data: '12345678901' }] as const;
    cache.keep(place('e'), { ...result(''), images });
    expect(cache.get(place('e'))).toBeUndefined();
  });
});

const kept = { recovery: 'retry', cache: { seconds: 60 } } as const;
const look = { name: 'look', description: 'Looks.', inputSchema: { type: 'object' } };
const server = (tool = look): Pick<ToolServer, 'name' | 'state'> => ({
  name: 'tools',
  state: { kind: 'ready', list: { tools: [tool], leftOut: [] } },
});
const user = { tenant: 'acme', rootId: 'root', agentId: 'agent' };
const request = (fields: Partial<ToolCallRequest> = {}): ToolCallRequest => ({
  tool: 'look',
  arguments: { at: 'stars' },
  timeoutMs: 1,
  user,
  ...fields,
});

describe('the place of a result', () => {
  const usual = placeOfResult(aServer(kept), server(), request());

  it('is the same whoever of those that share the server calls, and in whatever trace', () => {
    const other = { tenant: 'acme', rootId: 'root-2', agentId: 'agent-2' };
    const traceparent = '00-1-2-01';
    const found = placeOfResult(aServer(kept), server(), request({ user: other, traceparent }));
    expect([usual?.seconds, found]).toEqual([60, usual]);
  });

  it.each([
    ['tenant', aServer(kept), server(), request({ user: { ...user, tenant: 'globex' } })],
    ['entry', aServer({ ...kept, headers: { as: 'bob' } }), server(), request()],
    ['definition', aServer(kept), server({ ...look, description: 'Looks up.' }), request()],
    ['argument', aServer(kept), server(), request({ arguments: { at: 'moon' } })],
    ['context of the client', aServer(kept), server(), request({ baggage: 'tier=gold' })],
  ])('is another one for another %s', (_, entry, of, asked) => {
    expect(placeOfResult(entry, of, asked)?.key).not.toBe(usual?.key);
  });

  it.each(['tree', 'agent'] as const)('is that of one %s where its server is', (isolation) => {
    const entry = aServer({ ...kept, isolation });
    const other = { ...user, ...(isolation === 'tree' ? { rootId: 'x' } : { agentId: 'x' }) };
    const [one, two] = [request(), request({ user: other })].map((asked) =>
      placeOfResult(entry, server(), asked),
    );
    expect(one?.key).not.toBe(two?.key);
  });

  it.each([
    ['nobody wishes it', aServer({ recovery: 'retry' }), server(), request()],
    ['it may not be called again', aServer({ ...kept, recovery: 'ask' }), server(), request()],
    [
      'this tool may not be called again',
      aServer({ ...kept, tools: { look: { recovery: 'ask' } } }),
      server(),
      request(),
    ],
    [
      'this tool is left out',
      aServer({ ...kept, tools: { look: { cache: { seconds: 0 } } } }),
      server(),
      request(),
    ],
    ['the tool is not offered', aServer(kept), server({ ...look, name: 'other' }), request()],
  ])('is none when %s', (_, entry, of, asked) => {
    expect(placeOfResult(entry, of, asked)).toBeUndefined();
  });
});
