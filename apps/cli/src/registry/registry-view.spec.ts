import { describe, expect, it } from '@jest/globals';
import { hasRefused, renderRegistryReport } from './registry-view.js';

const counts = { models: 1, servers: 2, templates: 0, secrets: [] };
const place = { file: '/etc/registry.json', line: 3 };

describe('the report on a registry', () => {
  it('has a line for each finding, with place, cause and next step', () => {
    const refused = { cause: 'it is missing', next: 'Add it.', severity: 'refused' as const };
    const odd = {
      cause: 'nothing reads this key',
      next: 'Remove it.',
      severity: 'warning' as const,
    };
    const findings = [
      { ...place, path: 'servers.a.command', ...refused },
      { ...place, path: 'zzz\u001b[2J', ...odd },
    ];
    const report = { file: place.file, findings, ...counts };
    expect(renderRegistryReport(report)).toEqual([
      '/etc/registry.json:3  servers.a.command: it is missing. Add it.',
      '/etc/registry.json:3  zzz [2J: warning: nothing reads this key. Remove it.',
      '/etc/registry.json: 2 servers, 1 models, 0 templates; 1 refused, 1 warning',
    ]);
    expect(hasRefused(report)).toBe(true);
    expect(hasRefused({ findings: findings.slice(1) })).toBe(false);
  });

  it('says so when there is nothing to say', () => {
    const defaultModel = { id: 'scripted:echo', from: 'nothing' as const, why: 'no key is set' };
    const used = { ...counts, secrets: ['github', 'notion'], defaultModel };
    const report = { file: place.file, findings: [], ...used };
    expect(renderRegistryReport(report)).toEqual([
      'secrets in use: github, notion',
      'default model: scripted:echo, as no key is set',
      '/etc/registry.json: 2 servers, 1 models, 0 templates; nothing refused',
    ]);
  });
});
