import {
  hasRole,
  scopeOfTool,
  scopesOf,
  type Principal,
  type Scope,
  type ToolContract,
} from '@skynet/contracts';
import type { z } from 'zod';

type Contract = Pick<ToolContract<z.ZodType, z.ZodType>, 'role' | 'scope'>;

/**
 * What a client must ask for to call the tool: what its token allows already and what is missing. Undefined when nothing
 * is missing, and when the role is: another token would not help then.
 */
export function missingScopes(
  principal: Principal,
  contract: Contract | undefined,
): { readonly scopes: readonly [Scope, ...Scope[]] } | undefined {
  if (contract === undefined || !hasRole(principal, contract.role)) return undefined;
  const [needed, held] = [scopeOfTool(contract), scopesOf(principal)];
  return held.includes(needed) ? undefined : { scopes: [needed, ...held] };
}
