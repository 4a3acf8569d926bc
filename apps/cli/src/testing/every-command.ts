import type { Command } from 'commander';

/** Words for each command that needs some; `FILE` and `OTHER` stand for paths that the caller puts there. */
const words: Readonly<Record<string, readonly string[]>> = {
  spawn: ['a task'],
  status: ['a1'],
  tree: ['a1'],
  trace: ['a1'],
  wait: ['a1'],
  result: ['a1'],
  events: ['a1'],
  pause: ['a1'],
  resume: ['a1'],
  terminate: ['a1'],
  answer: ['a1', 'call', 'retry'],
  replay: ['a1'],
  fork: ['a1', '--at', '1'],
  export: ['a1'],
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
  'registry check': ['--registry', 'FILE'],
  'tools approve': ['files'],
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
