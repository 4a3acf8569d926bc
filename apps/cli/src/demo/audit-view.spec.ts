import { describe, expect, it } from '@jest/globals';
import type { AuditReport } from './audit-report.js';
import { recordingTerminal } from '../testing/recording-terminal.js';
import { renderAudit } from './audit-view.js';

const report: AuditReport = {
  rootId: 'r',
  depth: 3,
  agents: 8,
  packages: [
    { name: 'a', version: '1.0.0', license: 'MIT' },
    { name: 'b', version: '2.0.0', license: 'MIT' },
    { name: 'c', version: null, license: null },
  ],
  failures: [
    {
      agentId: 'x',
      task: 'Audit d',
      status: 'failed',
      reason: 'MODEL_FAILED',
      message: 'no\nfile',
    },
  ],
  tookMs: 2_000,
  tokens: 1_234,
  costMicroUsd: 0,
};

describe('the outcome of an audit', () => {
  it('is a table, a count of licences, what lacks one, what failed, and what it took', () => {
    expect(renderAudit(report, recordingTerminal().colors)).toEqual([
      '',
      'PACKAGE  VERSION  LICENCE',
      'a        1.0.0    MIT',
      'b        2.0.0    MIT',
      'c                 none',
      '',
      '   2  MIT',
      '   1  none',
      '',
      'c has no licence',
      'Audit d: MODEL_FAILED: no file',
      '3 packages by 8 agents on 3 levels in 2.0 s, 4 agents/s, 1234 tokens, $0.00; 1 failed',
    ]);
  });
});
