import { Command } from 'commander';
import { addAudit } from './audit/audit-command.js';
import { addBackup } from './backup/backup.js';
import { addRestore } from './backup/restore.js';
import { addBench } from './bench/bench-command.js';
import { addBenchPeers } from './compare/peers-command.js';
import { addControl } from './agents/control.js';
import { addDemo } from './demo/demo-command.js';
import { addBoard } from './insight/board.js';
import { addExplain } from './insight/explain.js';
import { addEvents } from './agents/events.js';
import { addLs } from './agents/ls.js';
import { addMcp } from './mcp/mcp.js';
import { addResult } from './agents/result.js';
import { addSetup } from './setup/setup.js';
import { addRun, addSpawn } from './agents/spawn.js';
import { addAttachment } from './attachments/attachment-command.js';
import { addStatus, addWait } from './agents/status.js';
import { addTrace } from './trace/trace-command.js';
import { addTree } from './agents/tree.js';
import { addUp } from './up/up.js';
import { addClients } from './principals/clients-command.js';
import { addLogin } from './login/login-command.js';
import { addUsers } from './principals/users-command.js';
import { addExport, addImport } from './archive/export.js';
import { addNotes } from './notes/notes-command.js';
import { addFork } from './past/fork.js';
import { addRetry } from './past/retry.js';
import { addReplay } from './past/replay.js';
import { addDoctor } from './doctor/doctor.js';
import { addLog } from './log/log-command.js';
import { addProjections } from './operating/projections.js';
import { addViews } from './operating/views.js';
import { addRegistry } from './registry/registry-command.js';
import { addSchedules } from './schedules/schedules-command.js';
import { addTenants } from './tenants/tenants-command.js';
import { addUsage } from './tenants/usage-command.js';
import { addEvalRun } from './eval/eval-command.js';
import { addEvalAdd } from './eval-cases/eval-add.js';
import { addEvalFork } from './eval-forks/eval-fork.js';
import { addModels } from './models/models-command.js';
import { addProviders } from './registry/providers-command.js';
import { addStrategies } from './registry/strategies-command.js';
import { addTemplates } from './registry/templates-command.js';
import { addTools } from './registry/tools-command.js';
import type { Surroundings } from './command/surroundings.js';

const EXIT_CODES = `
Exit codes:
  0    done; an agent that was waited for has completed
  1    something is not there or does not work
  2    the command line, or an argument that the server checks, is wrong
  3    the agent that was waited for ended otherwise than completed
  4    the server said no
  5    the agent had not ended when the time was up
  6    two logs, a log and the rules, a log and the rows, or an audit trail and its signatures are not the same
  130  Ctrl-C; agents go on`;

const commands = [
  addUp,
  addDoctor,
  addSpawn,
  addAttachment,
  addRun,
  addLs,
  addStatus,
  addTree,
  addTrace,
  addWait,
  addResult,
  addBoard,
  addNotes,
  addEvents,
  addControl,
  addSchedules,
  addUsage,
  addExplain,
  addReplay,
  addFork,
  addRetry,
  addExport,
  addImport,
  addLog,
  addMcp,
  addLogin,
  addUsers,
  addClients,
  addTenants,
  addDemo,
  addBench,
  addBenchPeers,
  addProjections,
  addViews,
  addRegistry,
  addTools,
  addTemplates,
  addStrategies,
  addProviders,
  addModels,
  addEvalRun,
  addEvalAdd,
  addEvalFork,
  addBackup,
  addRestore,
  addAudit,
  addSetup,
];

/** The whole command line. */
export function createProgram(surroundings: Surroundings): Command {
  const program = new Command('skynet')
    .description('Trees of AI agents through one MCP server: run it, and talk to it.')
    .exitOverride()
    .addHelpText('after', EXIT_CODES);
  for (const add of commands) add(program, surroundings);
  return program;
}
