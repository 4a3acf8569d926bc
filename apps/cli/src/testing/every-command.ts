import type { Command } from 'commander';

/** The agent that is asked for. */
export const AGENT = '01900000-0000-7000-8000-000000000001';

/** Words for each command that needs some; `FILE` and `OTHER` stand for paths that the caller puts there. */
const words: Readonly<Record<string, readonly string[]>> = {
  spawn: ['a task'],
  run: ['a task'],
  status: [AGENT],
  tree: [AGENT],
  trace: [AGENT],
  wait: [AGENT],
  result: [AGENT],
  board: [AGENT],
  events: [AGENT],
  explain: [AGENT],
  'attachment put': ['FILE'],
  'attachment get': ['a'.repeat(64)],
  'attachment ls': [AGENT],
  'eval run': ['FILE'],
  'eval add': [AGENT, 'FILE'],
  'eval fork': [AGENT, '--model', 'scripted:echo'],
  pause: [AGENT],
  resume: [AGENT],
  terminate: [AGENT],
  send: [AGENT, 'a message'],
  extend: [AGENT, '--add', 'tokens=1'],
  answer: [AGENT, 'call', 'retry'],
  'schedules add': ['a task', '--after', '5'],
  'schedules rm': [AGENT],
  replay: [AGENT],
  fork: [AGENT, '--at', '1'],
  retry: [AGENT],
  export: [AGENT],
  import: ['FILE'],
  'log copy': ['--to', 'jetstream', '--to-nats', 'nats://127.0.0.1:9'],
  'users add': ['bob', '--roles', 'viewer'],
  'users password': ['bob'],
  'users grant': ['bob', 'viewer'],
  'users disable': ['bob'],
  'users enable': ['bob'],
  'clients add': ['ci', '--roles', 'viewer'],
  'clients rotate': ['ci'],
  'clients grant': ['ci', 'viewer'],
  'clients disable': ['ci'],
  'clients enable': ['ci'],
  'clients remove': ['ci'],
  'tenants show': ['acme'],
  'tenants add': ['acme'],
  'tenants set': ['acme'],
  'registry check': ['--registry', 'FILE'],
  'tools approve': ['files'],
  'notes show': ['diary', 'k'],
  'notes set': ['diary', 'k', 'v'],
  'notes rm': ['diary'],
  'tools login': ['files'],
  'tools logout': ['files'],
  'audit show': ['0'],
  'audit export': ['OTHER'],
  backup: ['OTHER'],
  restore: ['FILE'],
  setup: ['FILE'],
};

/** The name of every command that does something, `users list` for example. */
export function namesOf(program: Command, before: readonly string[] = []): string[] {
  return program.commands.flatMap((command) => {
    const path = [...before, command.name()];
    const below = namesOf(command, path);
    const isGroup = below.length > 0 && command.registeredArguments.length === 0;
    return isGroup ? below : [path.join(' '), ...below];
  });
}

/** A whole command line that the command takes. */
export function lineOf(name: string, paths: { readonly file: string; readonly other: string }) {
  const own = (words[name] ?? []).map((word) =>
    word === 'FILE' ? paths.file : word === 'OTHER' ? paths.other : word,
  );
  return [...name.split(' '), ...own];
}
