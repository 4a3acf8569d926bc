import { describe, expect, it } from '@jest/globals';
import { recordingLogger } from '@skynet/testing';
import { aRegistry } from '../testing/registries.js';
import { registryHealthCheck, reportFindings } from './report-findings.js';

const place = { file: 'registry.json', line: 3, path: 'servers.a', next: 'Add it.' };
const findings = [
  { ...place, cause: 'it is missing', severity: 'refused' as const },
  { ...place, cause: 'nothing reads this key', severity: 'warning' as const },
];

describe('a registry with findings', () => {
  it('has a line in the log for each, an error for what is left out', () => {
    const { log, lines } = recordingLogger();
    reportFindings(aRegistry({ findings }), log);
    expect(lines).toMatchObject([
      { level: 'error', path: 'servers.a', cause: 'it is missing', line: 3 },
      { level: 'warn', cause: 'nothing reads this key' },
    ]);
  });

  it('leaves the service healthy, which says how much is left out', async () => {
    const check = registryHealthCheck(aRegistry({ findings }));
    await expect(check.check()).resolves.toBeUndefined();
    expect(check.notice?.()).toBe('1 refused in the registry; the log says which');
    expect(registryHealthCheck(aRegistry()).notice?.()).toBeUndefined();
  });
});
