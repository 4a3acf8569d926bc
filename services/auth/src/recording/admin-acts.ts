import type { ErrorCode, Principal } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import type { Act, AuditTrail } from '@skynet/platform';
import type { PrincipalExecution } from '../principals/principals.js';

/** Who asks for a change, by which client, and from where. */
export interface Administrator extends Principal {
  readonly client?: string | undefined;
  readonly address: string;
}

/** What an administrator wants to change, as far as it is known before the body is read. */
export interface AskedChange {
  readonly by: Administrator;
  readonly act: 'add-user' | 'change-user' | 'add-client' | 'change-client';
  /** User or client. */
  readonly id?: string;
}

/** What an administrator wants to change; `details` name what, and show no secret. */
export interface AdminChange extends AskedChange {
  readonly id: string;
  readonly details: Readonly<Record<string, string>>;
}

/** Tells what administrators change, before it is done, and what is refused them. */
export class AdminActs {
  constructor(private readonly audit: AuditTrail) {}

  /** Resolves when the change is made, or refused, and that is stored. */
  async during(
    change: AdminChange,
    carryOut: () => Promise<PrincipalExecution>,
  ): Promise<PrincipalExecution> {
    const told = this.tell(change, { outcome: 'allowed' });
    try {
      const execution = await carryOut();
      if (isRefused(execution)) await this.refused(change, execution.refused.code as ErrorCode);
      return execution;
    } catch (error) {
      await this.tell(change, { outcome: 'failed' });
      throw error;
    } finally {
      await told;
    }
  }

  refused(change: AdminChange, code: ErrorCode): Promise<void> {
    return this.tell(change, { outcome: 'refused', reason: code });
  }

  /** `reason`: what is wrong with the body, without a word of it. */
  notTaken(asked: AskedChange, reason: string): Promise<void> {
    return this.tell(asked, { outcome: 'refused', reason });
  }

  /** `who` as far as it is known. */
  turnedAway(
    who: Partial<Administrator> & Pick<Administrator, 'address'>,
    reason: string,
  ): Promise<void> {
    return this.audit.record({ act: 'access', outcome: 'refused', ...callerOf(who), reason });
  }

  private tell(
    { by, act, id, details }: AskedChange & Partial<AdminChange>,
    outcome: Pick<Act, 'outcome' | 'reason'>,
  ): Promise<void> {
    const kind = act.endsWith('user') ? 'user' : 'client';
    const target: Act['target'] = id === undefined ? undefined : { kind, id };
    return this.audit.record({ act, ...callerOf(by), target, details, ...outcome });
  }
}

function callerOf({ principal, tenant, client, address }: Partial<Administrator>) {
  return { principal, tenant, client, address };
}

const SHOWN: readonly string[] = ['roles', 'scopes', 'disabled', 'keepOldSeconds'];

/** Names of what is changed; of some also the values, none of which is a secret. */
export function changesIn(wanted: Readonly<Record<string, unknown>>): Record<string, string> {
  const details: Record<string, string> = {};
  const named = Object.entries(wanted).filter(([, value]) => value !== undefined);
  details['changed'] = named.map(([name]) => name).join(', ');
  for (const [name, value] of named) if (SHOWN.includes(name)) details[name] = String(value);
  return details;
}
