import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { readCliConfig } from '../command/cli.config.js';
import { recordingTerminal } from '../testing/recording-terminal.js';
import { addBenchPeers, systems } from './peers-command.js';

async function refused(...args: string[]): Promise<string> {
  const written: string[] = [];
  const program = new Command().exitOverride();
  addBenchPeers(program, {
    config: readCliConfig({}),
    terminal: recordingTerminal(),
    run: async (work) => void (await work),
  });
  const write = (text: string) => void written.push(text);
  for (const command of [program, ...program.commands, ...(program.commands[0]?.commands ?? [])]) {
    command.configureOutput({ writeErr: write, writeOut: write });
  }
  const error: unknown = await program
    .parseAsync(['bench', 'peers', ...args], { from: 'user' })
    .catch((cause: unknown) => cause);
  return `${written.join('')} ${(error as Error).message}`;
}

describe('the systems that are asked for', () => {
  it('are measured in the order of the table, each once', () => {
    expect(systems('restate, ours')).toEqual(['ours', 'restate']);
    expect(() => systems('ours,ours')).toThrow('each once');
  });
});

describe('wrong options', () => {
  it.each([
    [['--only', 'ours,inngest'], 'expected some of ours, bullmq, restate, temporal'],
    [['--only', ''], 'expected some of'],
    [['--rounds', '0'], 'expected a number of 1 or more'],
    [['--trees', 'many'], 'expected a number of 1 or more'],
    [['--fast'], "unknown option '--fast'"],
    [['--json', '/nowhere/report.json'], 'ENOENT'],
    [['--svg', '/nowhere/chart.svg'], 'ENOENT'],
    [['--quick', '--full'], '--quick leaves out what --full adds.'],
  ])('are refused: %j', async (args, words) => {
    expect(await refused(...args)).toContain(words);
  });
});
