import { describe, expect, it } from '@jest/globals';
import { spawnAgentTool, type Role, type Scope } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
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
    context: { read: () => undefined, tell: () => undefined },
    signal,
    report: undefined,
    text: 'tail',
    mark: '',
    bounds: { values: 100, depth: 10 },
  });
  return answer.then((said) => ({
    isDone,
    isRefused: isRefused(said),
    text: JSON.stringify(said),
  }));
}

describe('a tool', () => {
  it('is carried out for whom both role and token allow it', async () => {
    expect(await call('operator', ['agents:spawn'])).toMatchObject({
      isRefused: false,
      isDone: true,
    });
    expect(await call('operator')).toMatchObject({ isRefused: false, isDone: true });
  });

  it.each([
    ['the role', 'viewer', ['agents:spawn'], 'the role operator'],
    ['the token', 'operator', ['agents:read'], 'the scope agents:spawn'],
    ['any scope', 'admin', [], 'the scope agents:spawn'],
  ] as const)('is not carried out without %s, and says so', async (_what, role, scopes, said) => {
    const { text, ...what } = await call(role, scopes);
    expect(what).toEqual({ isRefused: true, isDone: false });
    expect(text).toContain('FORBIDDEN');
    expect(text).toContain(said);
  });
});
