import { describe, expect, it } from '@jest/globals';
import { renderTenant, renderTenants } from './tenants-view.js';

const load = { liveAgents: 3, runningTrees: 1, waitingTrees: 2 };
const quotas = {
  liveAgents: 5,
  ceilings: { depth: 2 },
  models: ['scripted:echo'],
  toolServers: [],
};

describe('tenants', () => {
  it('are shown with what they have of what they may have', () => {
    expect(renderTenants([{ tenant: 'acme', quotas, ...load }])[1]).toMatch(
      /^acme +3 of 5 +1 +2 +liveAgents, ceilings, models, toolServers$/,
    );
  });

  it('have all their quotas shown one by one', () => {
    expect(renderTenant({ tenant: 'acme', quotas, ...load })).toEqual([
      'acme',
      '  liveAgents: 3',
      '  runningTrees: 1',
      '  waitingTrees: 2',
      'quotas',
      '  liveAgents: 5',
      '  ceilings.depth: 2',
      '  models: scripted:echo',
      '  toolServers: none',
    ]);
  });
});
