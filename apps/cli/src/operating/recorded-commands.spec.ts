import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '..');
const KEY =
  /from '[./a-z-]*\/(operator-link|operator-log|operator-audit|ask-runtime|make-stores|take-over)\.js'/;
const TELLS = /\brecorded\(|operation:/;

/** Every file that uses the operator's key: what it tells the audit log, or why it tells nothing. */
const table: Readonly<Record<string, string>> = {
  'audit/audit-export.ts': 'audit-export',
  'audit/audit-ls.ts': '-: reads',
  'audit/audit-verify.ts': '-: reads',
  'audit/operator-audit.ts': '-: reads',
  'backup/backup.ts': 'backup',
  'backup/restore.ts': 'restore',
  'bench/commit-counter.ts': '-: reads',
  'compare/log-load.ts': '-: makes its own stores',
  'operating/ask-runtime.ts': 'what it is asked for',
  'log/log-copy.ts': 'copy',
  'log/log-doctor.ts': 'repair',
  'log/log-replicas.ts': 'replicas',
  'log/log-retention.ts': '-: reads',
  'notes/notes-command.ts': 'notes',
  'operating/projections.ts': 'rebuild',
  'operating/views.ts': 'repair',
  'log/log-reading.ts': '-: reads',
  'recording/operator-acts.ts': '-: it is what tells',
  'registry/approve-command.ts': '-: the runtime tells of it',
  'registry/providers-command.ts': '-: reads',
  'registry/templates-command.ts': '-: reads',
  'registry/asked-tool-servers.ts': '-: reads',
  'registry/tool-login-command.ts': '-: the runtime tells of it',
  'tenants/tenants-command.ts': '-: the scheduler tells of it',
  'upgrading/log-upgrade.ts': 'upgrade',
  'upgrading/make-stores.ts': '-: part of an upgrade',
  'upgrading/take-over.ts': '-: part of an upgrade',
  'stack/stack.ts': '-: makes its own stores',
};

const files = globSync('**/*.ts', { cwd: root, exclude: (name) => name.endsWith('.spec.ts') });
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

describe('what uses the key of operators', () => {
  it('has its line here', () => {
    expect(files.filter((file) => KEY.test(textOf(file))).sort()).toEqual(
      Object.keys(table).sort(),
    );
  });

  it.each(Object.entries(table).filter(([, told]) => !told.startsWith('-')))(
    'tells the audit log what it does: %s',
    (file, told) => {
      expect(textOf(file)).toMatch(TELLS);
      if (file !== 'operating/ask-runtime.ts') expect(textOf(file)).toContain(`what: '${told}'`);
    },
  );
});
