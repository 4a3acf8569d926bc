import { toolGrantSchema } from '@skynet/contracts';
import type { Mistake } from '../entries/entry-reader.js';

const MAX_TOOLS = 64;
/** As Claude Code writes a tool of an MCP server, or all tools of one. */
const FOREIGN = /^mcp__(.+?)(?:__(.+))?$/;

/** What a file says of tools: a list, or a text with commas. What is no grant is left out, and said. */
export function readTools(given: unknown): {
  readonly value: readonly string[];
  readonly mistakes: readonly Mistake[];
} {
  const mistakes: Mistake[] = [];
  const tools = named(given).flatMap((name, index) => {
    const grant = grantOf(name);
    if (toolGrantSchema.safeParse(grant).success) return [grant];
    const cause = `${JSON.stringify(name.slice(0, 100))} is left out: it is no tool of a server`;
    const next = 'Tools of servers are server__tool or server__*.';
    mistakes.push({ path: ['tools', index], cause, next, severity: 'warning' });
    return [];
  });
  if (tools.length > MAX_TOOLS) {
    const cause = `${tools.length - MAX_TOOLS} tools are left out: more than ${MAX_TOOLS} are named`;
    mistakes.push({ path: ['tools'], cause, next: 'Grant server__*.', severity: 'warning' });
  }
  return { value: [...new Set(tools)].slice(0, MAX_TOOLS), mistakes };
}

/** Whether some of the tools are those of MCP servers. */
export function namesServers(given: unknown): boolean {
  return named(given).some((name) => name.includes('__'));
}

function named(given: unknown): string[] {
  const each: readonly unknown[] = Array.isArray(given) ? given : textOf(given).split(/[,\n]/);
  return each.map((name) => textOf(name).replace(/^- /, '').trim()).filter((name) => name !== '');
}

function textOf(given: unknown): string {
  return typeof given === 'string' ? given : (JSON.stringify(given) ?? '');
}

function grantOf(name: string): string {
  const [, server, tool = '*'] = FOREIGN.exec(name) ?? [];
  return server === undefined ? name : `${server}__${tool}`;
}
