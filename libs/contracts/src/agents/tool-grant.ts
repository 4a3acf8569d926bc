import { z } from 'zod';

/** Stands between the name of a server and that of its tool; a server's name has none within and no `_` at its end. */
export const GRANT_SEPARATOR = '__';

const MAX_SERVER_CHARS = 64;
const MAX_TOOL_CHARS = 128;
/** Letters of any script, digits, and what people put between them. */
const SERVER = /^[\p{L}\p{M}\p{N}@][\p{L}\p{M}\p{N}@._/:+-]*$/u;
/** Controls, separators, invisible and bidirectional marks, halves of characters, private use. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Why a tool server can't have this name; undefined when it can. */
export function faultOfServerName(name: string): string | undefined {
  if (name.length > MAX_SERVER_CHARS) return `it is longer than ${MAX_SERVER_CHARS} characters`;
  if (name.includes(GRANT_SEPARATOR) || name.endsWith('_')) {
    return `${GRANT_SEPARATOR} separates a server from its tools`;
  }
  return SERVER.test(name)
    ? undefined
    : 'it has something else than letters, digits and @ . _ / : + -';
}

/** The parts of `server__tool`; of a name that is none, the server is empty. */
export function splitToolName(name: string): { readonly server: string; readonly tool: string } {
  const at = name.indexOf(GRANT_SEPARATOR);
  return at < 0
    ? { server: '', tool: name }
    : { server: name.slice(0, at), tool: name.slice(at + GRANT_SEPARATOR.length) };
}

function isToolGrant(grant: string): boolean {
  const { server, tool } = splitToolName(grant);
  const isTool = tool !== '' && tool.length <= MAX_TOOL_CHARS && !UNSEEN.test(tool);
  return isTool && faultOfServerName(server) === undefined;
}

/** `server__tool`, or `server__*` for all tools of a server of the registry. */
export const toolGrantSchema = z
  .string()
  .max(MAX_SERVER_CHARS + GRANT_SEPARATOR.length + MAX_TOOL_CHARS)
  .refine(isToolGrant, 'expected server__tool or server__*');
