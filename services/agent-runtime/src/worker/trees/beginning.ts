import type { StartedRun } from '../run/agent.runner.js';
import { hasBegun, type PreparedRun } from '../run/prepared-run.js';
import type { Beginning } from './start.js';

/** What the commit that was to begin the run has done. */
export function beginningOf(sent: StartedRun & { readonly prepared: PreparedRun }): Beginning {
  const { prepared, execution } = sent;
  if (hasBegun(prepared, execution)) return { kind: 'begun', ...sent };
  const hasTaken = execution.ok && execution.events.some(({ type }) => type === 'AgentAdmitted');
  return { kind: hasTaken ? 'over' : 'missed' };
}
