import { readdirSync, readFileSync } from 'node:fs';

/** Ids of processes on this machine whose command line has a word in it. */
export function processesWith(word: string): string[] {
  return readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && readOf(name, 'cmdline').includes(word),
  );
}

/** A file of a process; empty when it has ended. */
export function readOf(pid: string, file: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
