import type { AuditTrail } from '@skynet/platform';
import type { Caller } from './caller.js';

/** By the status of the answer: why it was not known what the message wanted. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'the body is no message that is taken',
  406: 'no answer has the form that is wanted',
  413: 'the body is too long',
  415: 'the body is not JSON',
};

/** Tells of messages that were turned away before it was known what they wanted; never their words. */
export class RefusedMessages {
  constructor(private readonly trail: AuditTrail) {}

  /** An HTTP request of this caller was answered. */
  answered(caller: Caller, status: number): void {
    const reason = REASONS[status];
    if (reason !== undefined) this.tell(caller, reason);
  }

  /** The message was answered as a call that failed. */
  heldTooMuch(caller: Caller): void {
    this.tell(caller, 'the message holds too much');
  }

  /** Nobody waits for the record, as where a token is refused. */
  private tell(
    { principal: { principal, tenant }, client, address }: Caller,
    reason: string,
  ): void {
    const who = { principal, tenant, client, address };
    void this.trail.record({ act: 'access', outcome: 'refused', ...who, reason });
  }
}
