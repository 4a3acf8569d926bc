import type { z } from 'zod';
import type { Role } from '../access/roles.js';
import type { Scope } from '../access/scopes.js';

/** MCP behaviour hints; see the tools page of the MCP specification. */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/**
 * Which calls leave an audit record. `none`: no call that is allowed. `call`: each one. `pages`: each one, those that
 * read on within a minute excepted. `command`: each one that sends a command. What is refused for want of a right always
 * leaves one.
 */
export type ToolAudit = 'none' | 'call' | 'pages' | 'command';

/** Everything that an MCP client sees of a tool, and the role that may call it. */
export interface ToolContract<Input extends z.ZodType, Output extends z.ZodType> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly role: Role;
  /** Scope that a token needs for it. Default: that of the role, see `scopeOfTool`. */
  readonly scope?: Scope;
  readonly audit: ToolAudit;
  readonly hints: ToolHints;
  readonly input: Input;
  readonly output: Output;
}

export function toolContract<Input extends z.ZodType, Output extends z.ZodType>(
  contract: ToolContract<Input, Output>,
): ToolContract<Input, Output> {
  return contract;
}

export const readOnly: ToolHints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
