import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchRequest } from '../protocol/launch-request.js';
import type { SandboxKind } from '../protocol/sandbox-kind.js';
import { bubblewrapArguments, SANDBOX_HOME, type Bubblewrap } from '../sandbox/bubblewrap.js';
import { mountsOf } from '../sandbox/mounts.js';
import { findProgram } from './find-program.js';
import { filesNamedIn, serverEnvironment, type Environment } from './server-environment.js';
import { linkCaches, makeServerFolders, type ServerFolders } from './server-folders.js';

/** What a host is and has. */
export interface Machine {
  readonly environment: Environment;
  /** Of the user that it runs as. */
  readonly userHome: string;
  /** Holds the private folders of servers. */
  readonly homes: string;
  /** Holds their temporary files. */
  readonly scratch: string;
  /** What else no server sees, as the host's own socket. */
  readonly hidden: readonly string[];
  readonly sandbox: { readonly kind: 'container' } | Bubblewrap | { readonly reason: string };
}

/** A process to start. */
export interface LaunchPlan {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Record<string, string>;
  readonly sandbox: SandboxKind;
  /** Why there is none, when one was preferred. */
  readonly reason?: string;
  readonly folders?: ServerFolders;
}

/** Says no: one sentence for who wrote the entry. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** @throws Refusal when the entry can't be carried out here */
export function planLaunch(request: LaunchRequest, machine: Machine): LaunchPlan {
  const { sandbox } = machine;
  if (!existsSync(request.cwd) || !statSync(request.cwd).isDirectory()) {
    throw new Refusal(`there is no folder ${request.cwd}`);
  }
  if (request.sandbox === 'none') return plainPlan(request, machine);
  if ('kind' in sandbox) return containerPlan(request, machine);
  if ('program' in sandbox) return sandboxPlan(request, machine, sandbox);
  if (request.sandbox === 'preferred') return { ...plainPlan(request, machine), ...sandbox };
  throw new Refusal(
    `no sandbox here (${sandbox.reason}): write sandbox: "none" in its entry of the registry to run it with all rights of this user`,
  );
}

function plainPlan(request: LaunchRequest, machine: Machine): LaunchPlan {
  const inherited = serverEnvironment(machine.environment, { network: true, isSandboxed: false });
  const environment = { ...inherited, ...request.env };
  const { args, cwd } = request;
  return { program: programOf(request, environment), args, cwd, environment, sandbox: 'none' };
}

function containerPlan(request: LaunchRequest, machine: Machine): LaunchPlan {
  const folders = makeServerFolders(machine, request);
  linkCaches(folders);
  const own = { HOME: folders.home, TMPDIR: join(folders.scratch, 'tmp') };
  const plan = plainPlan({ ...request, env: { ...own, ...request.env } }, machine);
  return { ...plan, sandbox: 'container', folders };
}

function sandboxPlan(request: LaunchRequest, machine: Machine, sandbox: Bubblewrap): LaunchPlan {
  const { network, limits, cwd, command, args } = request;
  const inherited = serverEnvironment(machine.environment, { network, isSandboxed: true });
  const own = { HOME: SANDBOX_HOME, TMPDIR: '/tmp' };
  const environment: Record<string, string> = { ...inherited, ...own, ...request.env };
  const program = programOf(request, environment);
  const missing = request.folders.find(({ path }) => !existsSync(path));
  if (missing !== undefined) throw new Refusal(`there is no folder ${missing.path}`);
  const mounts = mountsOf({
    ...request,
    program,
    path: environment['PATH'] ?? '',
    files: filesNamedIn(environment),
    hidden: [
      ...request.hidden,
      ...machine.hidden,
      machine.homes,
      machine.scratch,
      ...sandbox.privateFiles,
    ],
    home: machine.userHome,
  });
  const folders = makeServerFolders(machine, request);
  const isShown = mounts.some(({ kind, target }) => kind !== 'hide' && isIn(cwd, target));
  const sandboxed = bubblewrapArguments({
    ...folders,
    mounts,
    cwd: isShown ? cwd : SANDBOX_HOME,
    network,
    processes: limits.processes,
  });
  return {
    program: sandbox.program,
    args: [...sandboxed, command.includes('/') ? program : command, ...args],
    cwd: '/',
    environment,
    sandbox: 'bubblewrap',
    folders,
  };
}

function programOf({ command, cwd }: LaunchRequest, environment: Record<string, string>): string {
  const path = environment['PATH'] ?? '';
  const program = findProgram(command, cwd, path);
  if (program !== undefined) return program;
  throw new Refusal(
    command.includes('/')
      ? `there is no program ${command}`
      : `no program ${command} on the PATH ${path}`,
  );
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
