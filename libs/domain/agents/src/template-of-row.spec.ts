import { describe, expect, it } from '@jest/globals';
import { agentSpawned, aSpec } from '@skynet/testing';
import { agentRowProjection } from './agent-row.projection.js';

const rowOf = (fields: Parameters<typeof aSpec>[0]) => {
  const event = agentSpawned({ spec: aSpec(fields) });
  return agentRowProjection.evolve(undefined, { ...event, revision: 0, timeMs: 1 });
};

describe('the row of an agent with a template', () => {
  it('has the beginning of the hash that the agent pins as the version', () => {
    const pins = { registry: 'r', template: '0123456789abcdef' };
    expect(rowOf({ template: 'poet', pins })).toMatchObject({
      template: 'poet',
      templateVersion: '0123456789ab',
    });
    expect(rowOf({})?.templateVersion).toBeUndefined();
  });
});
