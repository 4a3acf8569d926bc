import { describe, expect, it } from '@jest/globals';
import { renderApproval } from './approval-view.js';

const sinceMs = Date.UTC(2026, 0, 2, 3, 4);

describe('an approval', () => {
  it('is shown with what is other, without what a terminal acts on', () => {
    const changes = ['- description: "Reads."', '+ description: "Reads\u001b[2J."'];
    const approved = [
      { tool: 'read', kind: 'changed' as const, sinceMs, changes },
      { tool: 'write', kind: 'new' as const, sinceMs, changes: [] },
    ];
    expect(renderApproval('files', { approved }, { dryRun: false })).toEqual([
      'files  2 tools approved',
      '  read  changed since 2026-01-02 03:04 UTC',
      '    - description: "Reads."',
      '    + description: "Reads [2J."',
      '  write  new since 2026-01-02 03:04 UTC',
    ]);
    const [first] = renderApproval('files', { approved: [] }, { dryRun: true });
    expect(first).toBe('files  0 tools would be approved');
  });
});
