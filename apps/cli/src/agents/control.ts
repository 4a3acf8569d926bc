import { randomUUID } from 'node:crypto';
import { text as textOf } from 'node:stream/consumers';
import {
  answerAgentTool,
  extendAgentTool,
  pauseAgentTool,
  resumeAgentTool,
  sendAgentMessageTool,
  terminateAgentTool,
  type Extension,
} from '@skynet/contracts';
import { Argument, type Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { addMore } from '../command/option-values.js';
import type { Surroundings } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';

interface ControlOptions extends ConnectionOptions {
  readonly json?: boolean;
}

interface TerminateOptions extends ControlOptions {
  readonly reason?: string;
}

interface SendOptions extends ControlOptions {
  readonly interrupt?: boolean;
  readonly tree?: boolean;
  readonly key?: string;
}

interface ExtendOptions extends ControlOptions {
  readonly add: Extension;
  readonly key?: string;
}

interface Changed {
  readonly agentId: string;
  readonly status: string;
}

const JSON_OPTION = ['--json', 'print JSON'] as const;

/** The commands that each change one agent. */
export function addControl(program: Command, surroundings: Surroundings): void {
  const run = (options: ControlOptions, change: (called: Called) => Promise<Changed>) =>
    surroundings.run(
      connected(surroundings, options, async (called) =>
        told(await change(called), options, called),
      ),
    );
  addPauseAndResume(program, run);
  const terminate = program
    .command('terminate')
    .summary('end an agent and all agents below it')
    .description('Ends an agent and all agents below it, at once and for good.')
    .argument('<id>', 'the agent')
    .option('--reason <text>', 'why, for the log')
    .option(...JSON_OPTION);
  addConnectionOptions(terminate).action((agentId: string, options: TerminateOptions) =>
    run(options, ({ client }) =>
      client.call(terminateAgentTool, { agentId, reason: options.reason }),
    ),
  );
  addSend(program, run);
  addExtend(program, run);
  addAnswer(program, run);
}

type Run = (options: ControlOptions, change: (called: Called) => Promise<Changed>) => Promise<void>;

function addPauseAndResume(program: Command, run: Run): void {
  const pause = program
    .command('pause')
    .summary('hold an agent and its children')
    .description('Holds an agent and its children at their next step. Time limits go on.')
    .argument('<id>', 'the agent')
    .option(...JSON_OPTION);
  addConnectionOptions(pause).action((agentId: string, options: ControlOptions) =>
    run(options, ({ client }) => client.call(pauseAgentTool, { agentId })),
  );
  const resume = program
    .command('resume')
    .summary('let a paused agent go on')
    .description('Lets a paused agent and its children go on.')
    .argument('<id>', 'the agent')
    .option(...JSON_OPTION);
  addConnectionOptions(resume).action((agentId: string, options: ControlOptions) =>
    run(options, ({ client }) => client.call(resumeAgentTool, { agentId })),
  );
}

function addSend(program: Command, run: Run): void {
  const send = program
    .command('send')
    .summary('tell an agent something')
    .description('Tells an agent something, which it reads at its next turn.')
    .argument('<id>', 'the agent')
    .argument('<text>', 'what to tell it; - reads it from standard input')
    .option('--interrupt', 'at once: ends its wait for children, cuts off its model call')
    .option('--tree', 'tell all agents of its tree')
    .option('--key <key>', 'the same key is the same message, however often sent')
    .option(...JSON_OPTION);
  addConnectionOptions(send).action((agentId: string, said: string, options: SendOptions) =>
    run(options, async ({ client }) => {
      const text = said === '-' ? await textOf(process.stdin) : said;
      const { interrupt, tree, key = randomUUID() } = options;
      const message = { agentId, text, interrupt, tree, idempotencyKey: key };
      return client.call(sendAgentMessageTool, message);
    }),
  );
}

function addExtend(program: Command, run: Run): void {
  const extend = program
    .command('extend')
    .summary('give a live agent more budget or time')
    .description(
      'Gives a live agent more: a child out of what its parent has left, a root out of what its tenant may have.',
    )
    .argument('<id>', 'the agent')
    .requiredOption('--add <limit>', 'name=amount, e.g. tokens=10000, seconds=600', addMore)
    .option('--key <key>', 'the same key is the same extension, however often sent')
    .option(...JSON_OPTION);
  addConnectionOptions(extend).action((agentId: string, options: ExtendOptions) =>
    run(options, ({ client }) => {
      const { add, key: idempotencyKey = randomUUID() } = options;
      return client.call(extendAgentTool, { agentId, add, idempotencyKey });
    }),
  );
}

function addAnswer(program: Command, run: Run): void {
  const answer = program
    .command('answer')
    .summary('answer a question, or decide a tool call in doubt')
    .description(
      'Answers a question of an agent, or decides a tool call of which nobody knows, after a crash, whether it happened. "skynet status" names it.',
    )
    .argument('<id>', 'the agent')
    .argument('<call>', 'the tool call')
    .addArgument(
      new Argument('<decision>', 'what became of it').choices([
        'answered',
        'retry',
        'happened',
        'failed',
      ]),
    )
    .argument('[text]', 'the answer, its result when it happened, a message when it failed')
    .option(...JSON_OPTION);
  addConnectionOptions(answer).action((...given: AnswerArguments) => {
    const [agentId, toolCallId, decision, text, options] = given;
    const input = { agentId, toolCallId, decision, text };
    return run(options, ({ client }) => client.call(answerAgentTool, input));
  });
}

type AnswerArguments = [
  agentId: string,
  toolCallId: string,
  decision: 'answered' | 'retry' | 'happened' | 'failed',
  text: string | undefined,
  options: ControlOptions,
];

function told(changed: Changed, { json }: ControlOptions, { terminal }: Called): number {
  const { agentId, status } = changed;
  if (json === true) terminal.printJson(changed);
  else terminal.print(`${agentId} is ${status}`);
  return exitCodes.ok;
}
