import type { Command } from 'commander';
import { addLogStats } from './log-stats.js';
import type { Surroundings } from '../command/surroundings.js';
import { addLogUpgrade } from '../upgrading/log-upgrade.js';
import { addLogCopy } from './log-copy.js';
import { addLogDoctor } from './log-doctor.js';
import { addLogInstall } from './log-install.js';
import { addLogReplicas } from './log-replicas.js';
import { addLogRetention } from './log-retention.js';

export function addLog(program: Command, surroundings: Surroundings): void {
  const log = program
    .command('log')
    .summary('look at the log as a whole, copy it, guard it, mend what is around it')
    .description('Reads the log of the stack on this machine.');
  addLogStats(log, surroundings);
  addLogCopy(log, surroundings);
  addLogInstall(log, surroundings);
  addLogDoctor(log, surroundings);
  addLogReplicas(log, surroundings);
  addLogRetention(log, surroundings);
  addLogUpgrade(log, surroundings);
}
