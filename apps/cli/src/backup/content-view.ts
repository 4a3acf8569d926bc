import type { BackupFooter } from './backup-lines.js';

export function renderContent({ content, sha256, signature }: BackupFooter): string[] {
  const { streams, commits, events, payloads, entries, files, log } = content;
  return [
    `${streams} streams, ${commits} commits, ${events} events, ${payloads} payloads, ${entries} logins and pins, ${files} files`,
    `log   ${log}`,
    `file  ${sha256}`,
    `key   ${signature?.key ?? 'none: not signed'}`,
  ];
}
