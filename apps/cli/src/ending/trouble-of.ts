import { ZodError } from 'zod';
import { exitCodes, Trouble } from './trouble.js';
import { troubleOfClient } from './trouble-of-client.js';

const ofSystem: Readonly<Record<string, string>> = {
  EACCES: 'this user has no right to it',
  EBUSY: 'it is in use',
  EDQUOT: 'this user’s room on the disk is used up',
  EEXIST: 'it is there already',
  EFBIG: 'it would be too large',
  EINVAL: 'it can not be used in this way',
  EIO: 'the disk, or whoever reads it, does not work',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead to each other',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many files are open',
  ENODEV: 'there is no such device',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of it is a file, not a folder',
  ENOTEMPTY: 'the folder is not empty',
  ENXIO: 'there is no such device',
  EPERM: 'this user has no right to it',
  EROFS: 'it can not be written to',
  ETXTBSY: 'it is running',
  EXDEV: 'it is on another disk',
};

const ofNetwork: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody answers there',
  ECONNRESET: 'the connection was cut',
  EAI_AGAIN: 'the name is not known now',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ENOTFOUND: 'nobody has this name',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'nobody answers there',
  UND_ERR_BODY_TIMEOUT: 'the answer did not come to its end',
  UND_ERR_CONNECT_TIMEOUT: 'nobody answers there',
  UND_ERR_HEADERS_TIMEOUT: 'no answer came',
  UND_ERR_SOCKET: 'the connection was cut',
};

/** What the platform says when the world, or what the user has set, is not as it must be. */
const IN_WORDS = new Set(['WorldError', 'ConfigurationError']);
const STACK_IS_DOWN =
  'Does the stack run? "npm start" starts it, "skynet doctor" says what is there.';

/** Words for whatever went wrong: no error is shown as a stack trace. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  return (
    troubleOfClient(error) ??
    withoutRoom(error) ??
    withoutNetwork(error) ??
    interrupted(error) ??
    inWords(error) ??
    withoutForm(error) ??
    ofProgram(error)
  );
}

interface SystemError extends Error {
  readonly code?: string;
  readonly path?: string;
  readonly dest?: string;
  readonly syscall?: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
}

function withoutRoom(error: unknown): Trouble | undefined {
  const { code = '', path, dest, syscall } = (error ?? {}) as SystemError;
  const what = ofSystem[code];
  if (what === undefined) return undefined;
  const next =
    code === 'ENOSPC' ? 'Make room, or name another place.' : 'Name another, or mend it.';
  const place = dest ?? path ?? (syscall === undefined ? 'a file' : `a file (${syscall})`);
  return new Trouble(`${place}: ${what}.`, { next, cause: error });
}

function withoutNetwork(error: unknown): Trouble | undefined {
  for (const each of causesOf(error)) {
    const what = ofNetwork[each.code ?? ''];
    if (what === undefined) continue;
    const { hostname, address, port } = each;
    const host = hostname ?? address ?? 'The server';
    const place = port === undefined ? host : `${host}:${port}`;
    return new Trouble(`${place}: ${what}.`, { next: STACK_IS_DOWN, cause: error });
  }
  if (!(error instanceof TypeError) || error.message !== 'fetch failed') return undefined;
  return new Trouble('The server gave no answer.', { next: STACK_IS_DOWN, cause: error });
}

const DEEPEST_CAUSE = 5;

function causesOf(error: unknown): SystemError[] {
  const causes: SystemError[] = [];
  let each = error;
  while (each instanceof Error && causes.length < DEEPEST_CAUSE) {
    causes.push(each);
    each = each instanceof AggregateError ? each.errors[0] : each.cause;
  }
  return causes;
}

function interrupted(error: unknown): Trouble | undefined {
  if (!(error instanceof Error) || error.name !== 'AbortError') return undefined;
  return new Trouble('interrupted', { exitCode: exitCodes.interrupted, cause: error });
}

function inWords(error: unknown): Trouble | undefined {
  if (!(error instanceof Error) || !IN_WORDS.has(error.name)) return undefined;
  return new Trouble(`${error.message}.`, { next: STACK_IS_DOWN, cause: error });
}

function withoutForm(error: unknown): Trouble | undefined {
  const isForm = error instanceof ZodError || error instanceof SyntaxError;
  if (!isForm) return undefined;
  const what = error instanceof ZodError ? firstIssueOf(error) : error.message;
  return new Trouble(`An answer or a file has not the form that this program knows: ${what}.`, {
    next: 'Are the stack and this program of the same version? "skynet doctor" says what is there.',
    cause: error,
  });
}

function firstIssueOf({ issues }: ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return 'nothing fits';
  return [issue.path.join('.'), issue.message].filter(Boolean).join(': ');
}

function ofProgram(error: unknown): Trouble {
  const what = error instanceof Error ? error.message : String(error);
  return new Trouble(`The program itself failed: ${what}.`, {
    next: 'This is a mistake of the program. SKYNET_DEBUG=1 shows where it is made, for a report.',
    cause: error,
  });
}
