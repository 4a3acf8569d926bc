import type { AuditTrail } from '@skynet/platform';
import type { FileChange } from '../clients/clients-of-file.js';

const ACT = 'change-clients-file';

/** Tells what the operator changes in the file of clients; who it was is not known here. */
export function tellsOfFile(audit: AuditTrail): (change: FileChange) => Promise<void> {
  return (change) => {
    if (change.what === 'unreadable') {
      const reason = 'the file has a mistake, the clients before it stay';
      return audit.record({ act: ACT, outcome: 'failed', reason });
    }
    const { clientId, tenant, roles } = change.client;
    return audit.record({
      act: ACT,
      outcome: 'allowed',
      tenant,
      target: { kind: 'client', id: clientId },
      details: { what: change.what, roles: roles.join(',') },
    });
  };
}
