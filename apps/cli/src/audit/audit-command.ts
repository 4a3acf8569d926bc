import type { Command } from 'commander';
import type { Surroundings } from '../command/surroundings.js';
import { addAuditExport, addAuditKeys } from './audit-export.js';
import { addAuditLs, addAuditShow } from './audit-ls.js';
import { addAuditVerify } from './audit-verify.js';

/** `skynet audit`. */
export function addAudit(program: Command, surroundings: Surroundings): void {
  const audit = program
    .command('audit')
    .summary('who did or was refused what')
    .description(
      'The audit trail: every login, token, spawn, control of agents and act of administration, allowed or refused.',
    );
  addAuditLs(audit, surroundings);
  addAuditShow(audit, surroundings);
  addAuditExport(audit, surroundings);
  addAuditKeys(audit, surroundings);
  addAuditVerify(audit, surroundings);
}
