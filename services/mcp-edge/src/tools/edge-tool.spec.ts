import { describe, expect, it } from '@jest/globals';
import { spawnAgentTool, type Role, type Scope } from '@skynet/contracts';
import { edgeTool, yes } from './edge-tool.js';

const changed = { agentId: 'a', rootId: 'a', status: 'queued', revision: 0 };
const input = { task: { description: 'x' } };

function call(role: Role, scopes?: readonly Scope[]) {
  let isDone = false;
  const tool = edgeTool(spawnAgentTool, () => {
    isDone = true;
    return Promise.resolve(yes(changed as never));
  });
  const principal = { principal: 'alice', tenant: 'acme', roles: [role], scopes };
  const { signal } = new AbortController();
  const answer = tool.call(input, {
    principal,
    address: '10.0.0.1',
    record: { admitted: () => undefined, sending: () => undefined },
    traceparent: undefined,
    signal,
    report: undefined,
    mark: '',
    bounds: { values: 100, depth: 10 },
  });
  return answer.then(({ ok, ...rest }) => ({ ok, isDone, text: JSON.stringify(rest) }));
}

describe('a tool', () => {
  it('is carried out for whom both role and token allow it', async () => {
    expect(await call('operator', ['agents:spawn'])).toMatchObject({ ok: true, isDone: true });
    expect(await call('operator')).toMatchObject({ ok: true, isDone: true });
  });

  it.each([
    ['the role', 'viewer', ['agents:spawn'], 'the role operator'],
    ['the token', 'operator', ['agents:read'], 'the scope agents:spawn'],
    ['any scope', 'admin', [], 'the scope agents:spawn'],
  ] as const)('is not carried out without %s, and says so', async (_what, role, scopes, said) => {
    const { ok, isDone, text } = await call(role, scopes);
    expect([ok, isDone]).toEqual([false, false]);
    expect(text).toContain('FORBIDDEN');
    expect(text).toContain(said);
  });
});
