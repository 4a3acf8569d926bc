import { resolve } from 'node:path';
import {
  subjects,
  toolLoginAnswerSchema,
  type ToolLoginAnswer,
  type ToolLoginRequest,
} from '@skynet/contracts';
import type { Command } from 'commander';
import { portNumber } from '../command/option-values.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { listenForInterruption } from '../ending/interruption.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import {
  answerOrEnd,
  listenForCallback,
  type CallbackListener,
} from '../login/callback-listener.js';
import { pastedCallback } from '../login/pasted-callback.js';
import { openBrowser } from '../login/open-browser.js';
import { askRuntime } from '../operating/ask-runtime.js';
import { operatorName } from '../recording/operator-name.js';
import { askedToolServers } from './asked-tool-servers.js';
import { renderToolServers } from './tools-view.js';

interface LoginOptions {
  readonly data?: string;
  readonly browser: boolean;
  readonly port?: number;
  readonly paste?: boolean;
}

type Step = ToolLoginRequest extends infer Each
  ? Each extends { by?: unknown }
    ? Omit<Each, 'by'>
    : never
  : never;

/** So long a person has for the page. */
const LIMIT_MS = 600_000;
const BROUGHT = ['state', 'code', 'iss', 'error', 'error_description'] as const;

/** `skynet tools login` and `skynet tools logout`, below `skynet tools`. */
export function addToolLogin(tools: Command, surroundings: Surroundings): void {
  addServer(tools.command('login'))
    .summary('log in to a tool server, for the agents that may use it')
    .description(
      'Logs in to a tool server over HTTP by a browser on this machine. agent-runtime keeps the login and renews it; agents ' +
        'act at the server as the person who logged in.',
    )
    .option('--no-browser', 'only print the page to open')
    .option(
      '--paste',
      'read the address that a browser on another machine ended at from standard input',
    )
    .option('--port <port>', 'port of this machine that the browser comes back to', portNumber)
    .action((server: string, _: LoginOptions, command: Command) =>
      surroundings.run(logIn(server, command.optsWithGlobals<LoginOptions>(), surroundings)),
    );
  addServer(tools.command('logout'))
    .summary('forget the login to a tool server')
    .description('agent-runtime forgets the login to a tool server. The server itself is not told.')
    .action((server: string, _: LoginOptions, command: Command) =>
      surroundings.run(logOut(server, command.optsWithGlobals<LoginOptions>(), surroundings)),
    );
}

function addServer(command: Command): Command {
  return command
    .argument('<server>', 'name of a server in the registry')
    .option('--data <folder>', 'folder of the stack to call (default: SKYNET_DATA, else .skynet)');
}

async function logIn(server: string, options: LoginOptions, around: Surroundings): Work {
  const { terminal } = around;
  const interruption = listenForInterruption(() => process.exit(exitCodes.interrupted));
  const { paste = false, port } = options;
  const callback = paste ? pastedCallback(process.stdin, port) : await listenForCallback(port);
  try {
    const { redirectUrl } = callback;
    const begun = await ask({ step: 'begin', server, redirectUrl }, options, around);
    const page = new URL(begun.page ?? '');
    terminal.note(`${server} lets people log in at ${begun.issuer ?? page.origin}.`);
    terminal.note('Log in on this page:');
    terminal.print(page.href);
    if (paste) terminal.note('Then paste the address that the browser ended at:');
    else if (options.browser) openBrowser(page);
    const late = AbortSignal.timeout(LIMIT_MS);
    const brought = await cameBack(callback, [interruption.signal, late]);
    if (brought === undefined) return exitCodes.interrupted;
    const ended = await ask({ step: 'end', server, brought }, options, around);
    const rights = ended.scope === undefined || ended.scope === '' ? '' : `, for ${ended.scope}`;
    terminal.note(`logged in to ${server}${rights}`);
    const known = await askedToolServers(server, options, around);
    renderToolServers(known)
      .slice(0, known.servers.length)
      .forEach((line) => terminal.note(line));
    return exitCodes.ok;
  } finally {
    callback.close();
    interruption.release();
  }
}

/** Undefined when a person does not want to wait any more. */
async function cameBack(
  callback: CallbackListener,
  [interrupted, late]: readonly [AbortSignal, AbortSignal],
): Promise<Partial<Record<(typeof BROUGHT)[number], string>> | undefined> {
  try {
    const answer = await answerOrEnd(callback, AbortSignal.any([interrupted, late]));
    const known = BROUGHT.map((name) => [name, answer.get(name) ?? undefined]);
    return Object.fromEntries(known) as Partial<Record<(typeof BROUGHT)[number], string>>;
  } catch (cause) {
    if (interrupted.aborted) return undefined;
    if (cause instanceof Trouble) throw cause;
    const next = 'Start again; the page is good for ten minutes.';
    throw new Trouble('The browser has not come back.', { next, cause });
  }
}

async function logOut(server: string, options: LoginOptions, around: Surroundings): Work {
  const { wasLoggedIn } = await ask({ step: 'forget', server }, options, around);
  const { terminal } = around;
  terminal.note(wasLoggedIn === true ? `logged out of ${server}` : `not logged in to ${server}`);
  return exitCodes.ok;
}

async function ask(
  step: Step,
  { data }: Pick<LoginOptions, 'data'>,
  around: Surroundings,
): Promise<ToolLoginAnswer> {
  const answer = toolLoginAnswerSchema.parse(
    await askRuntime(
      resolve(data ?? around.config.dataFolder),
      {
        subject: subjects.toolLogins,
        data: { ...step, by: operatorName() },
        trouble: 'It is not known what became of the login',
        next: 'Does agent-runtime run? "skynet tools" shows who is logged in.',
      },
      around,
    ),
  );
  if (answer.refused === undefined) return answer;
  const next =
    '"skynet tools" lists the servers of the registry; docs/tools.md says how to log in.';
  throw new Trouble(`${step.server}: ${answer.refused}.`, { next });
}
