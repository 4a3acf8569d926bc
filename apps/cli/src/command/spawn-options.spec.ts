import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { addSpawnOptions, spawnArguments, type SpawnOptions } from './spawn-options.js';

async function asked(...line: string[]) {
  const command = addSpawnOptions(new Command('spawn').argument('[task]'))
    .exitOverride()
    .configureOutput({
      writeErr: () => undefined,
    });
  command.parse(line, { from: 'user' });
  return spawnArguments(command.args[0] ?? '', command.opts<SpawnOptions>());
}

describe('what a spawn is asked on the command line', () => {
  it('has the name that people call the agent by, as MCP takes it', async () => {
    expect(await asked('count', '--name', ' Night watch ')).toMatchObject({
      task: { description: 'count' },
      name: 'Night watch',
    });
    expect((await asked('count')).name).toBeUndefined();
  });

  it.each(['', '  ', 'x'.repeat(65)])('has no name that MCP does not take: %j', async (name) => {
    await expect(asked('count', '--name', name)).rejects.toThrow('1 to 64 characters');
  });

  it('has a strategy with parameters; one that is there again is a list', async () => {
    const parts = ['--strategy-arg', 'tasks=a=b', '--strategy-arg', 'tasks=c'];
    const line = ['count', '--strategy', 'parallel', ...parts, '--strategy-arg', 'atOnce=2'];
    expect((await asked(...line)).strategy).toEqual({
      name: 'parallel',
      parameters: { tasks: ['a=b', 'c'], atOnce: '2' },
    });
    expect((await asked('count')).strategy).toBeUndefined();
  });

  it('has no parameters of a strategy that it does not name, and none without a name', async () => {
    await expect(asked('count', '--strategy-arg', 'count=2')).rejects.toThrow('is not named');
    const nameless = asked('count', '--strategy', 'parallel', '--strategy-arg', '=2');
    await expect(nameless).rejects.toThrow('expected name=value');
  });
});
