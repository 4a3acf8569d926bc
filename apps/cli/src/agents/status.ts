import { waitForEnd } from '@skynet/client';
import { getAgentStatusTool } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { renderStatus } from './status-view.js';
import type { Surroundings } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { isEnd, type StatusShape } from '@skynet/contracts';
import {
  addConnectionOptions,
  connected,
  exitCodeOfEnd,
  type Called,
} from '../connection/connected.js';
import { HeardTrace } from '../connection/trace-link.js';
import { duration } from '../command/option-values.js';
import { addFollowOptions, liveNotes, type FollowOptions } from './live-notes.js';

interface StatusOptions extends ConnectionOptions {
  readonly json?: boolean;
}

interface WaitOptions extends StatusOptions, FollowOptions {
  readonly timeout?: number;
}

export function addStatus(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('status')
    .summary('show what an agent does now')
    .description('Shows the state, progress, children and spending of an agent.')
    .argument('<id>', 'the agent')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((agentId: string, options: StatusOptions) =>
    surroundings.run(
      connected(surroundings, options, async (called) => {
        const { client, signal } = called;
        const heard = new HeardTrace();
        const asking = { signal, onTrace: heard.hear };
        const status = await client.call(getAgentStatusTool, { agentId }, asking);
        show(status, { ...options, heard }, called);
        return exitCodes.ok;
      }),
    ),
  );
}

export function addWait(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('wait')
    .summary('wait until an agent has ended')
    .description('Waits until an agent has ended and shows its status then.')
    .argument('<id>', 'the agent')
    .option('--timeout <seconds>', 'give up waiting after this time', duration)
    .option('--json', 'print JSON');
  addConnectionOptions(addFollowOptions(command)).action((agentId: string, options: WaitOptions) =>
    surroundings.run(
      connected(surroundings, options, async (called) => {
        const { client, signal, terminal } = called;
        const { timeout: timeoutSeconds } = options;
        const heard = { signal, ...liveNotes(terminal, options) };
        const last = await waitForEnd(client, agentId, { timeoutSeconds, ...heard });
        show(last, options, called);
        return isEnd(last.status) ? exitCodeOfEnd(last.status) : exitCodes.stillRunning;
      }),
    ),
  );
}

function show(
  status: StatusShape,
  { json, heard = new HeardTrace() }: StatusOptions & { readonly heard?: HeardTrace },
  { terminal, config }: Called,
): void {
  const { jaeger } = config;
  if (json === true) terminal.printJson({ ...status, ...heard.forJson(jaeger) });
  else renderStatus(status, terminal.colors, heard.link(jaeger)).forEach(terminal.print);
}
