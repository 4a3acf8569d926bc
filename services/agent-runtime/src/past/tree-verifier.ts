import {
  endsAgent,
  type AgentEventData,
  type AgentId,
  type AgentRow,
  type Verification as TreeVerification,
} from '@skynet/contracts';
import {
  childEndOf,
  isSpawned,
  type AgentDecider,
  type AgentState,
  type Divergence,
  NOTHING_SPENT,
} from '@skynet/domain-agents';
import { hashOf, type StoredEvent } from '@skynet/platform';
import { agentStreamModel, dataOf } from '../owner/agent-stream.js';
import { loggedEvents, type AgentLog } from './agent-log.js';
import { AgentVerifier } from './agent-verifier.js';
import type { RerunDependencies } from './model-rerun.js';
import { pauseForOthers } from './pauses.js';
import { nextRow } from './rows.js';
import type { TreeLog } from './tree-log.js';

export interface VerifierDependencies extends RerunDependencies {
  /** Default: the rules of this program. */
  readonly decider?: AgentDecider;
}

interface Found extends Divergence {
  readonly agentId: AgentId;
}

/** Decides a whole tree again: each stream by itself, then what one stream says of another. */
export async function verifyTree(
  tree: TreeLog,
  deps: VerifierDependencies,
): Promise<TreeVerification> {
  const decider = deps.decider ?? agentStreamModel.decider;
  const found: Found[] = [];
  const sum = {
    agents: tree.agents.size,
    events: 0,
    decisions: 0,
    requests: { checked: 0, unchecked: 0 },
    answers: { checked: 0, unchecked: 0 },
  };
  for (const log of tree.agents.values()) {
    const report = await AgentVerifier.verify(await loggedEvents(log), { ...deps, decider });
    sum.events += log.stored.length;
    sum.decisions += report.decisions;
    for (const kind of ['requests', 'answers'] as const) {
      sum[kind].checked += report[kind].checked;
      sum[kind].unchecked += report[kind].unchecked;
    }
    if (report.divergence !== undefined) found.push({ agentId: log.agentId, ...report.divergence });
    found.push(...(await foreignDivergences(log, tree)));
  }
  const first = firstOf(found, tree);
  return first === undefined ? sum : { ...sum, divergence: shown(first, tree) };
}

function shown({ agentId, revision, ...rest }: Found, tree: TreeLog) {
  const recorded = tree.agents.get(agentId)?.stored[revision];
  const type = recorded?.type ?? rest.expected?.type ?? '';
  const { suspects, ...divergence } = rest;
  return {
    agentId,
    revision,
    type,
    ...divergence,
    ...(suspects === undefined ? {} : { suspects: [...suspects] }),
  };
}

function firstOf(found: readonly Found[], { commits }: TreeLog): Found | undefined {
  const placeOf = ({ agentId, revision }: Found) => {
    const place = commits.findIndex(
      (commit) => commit.agentId === agentId && (commit.events.at(-1)?.revision ?? -1) >= revision,
    );
    return [place < 0 ? commits.length : place, revision] as const;
  };
  return [...found].sort((a, b) => {
    const [[placeA, revisionA], [placeB, revisionB]] = [placeOf(a), placeOf(b)];
    return placeA - placeB || revisionA - revisionB;
  })[0];
}

/** What a parent set aside is what the child was born with, and what a child left is what the parent was told. */
async function foreignDivergences(log: AgentLog, tree: TreeLog): Promise<Found[]> {
  const { agentId } = log;
  const found: Found[] = [];
  for (const stored of log.stored) {
    await pauseForOthers();
    const divergence = bornOtherwise(stored, tree) ?? (await endedOtherwise(stored, tree));
    if (divergence !== undefined) found.push({ agentId, ...divergence });
  }
  return found;
}

function bornOtherwise(stored: StoredEvent, tree: TreeLog) {
  const data = dataOf(stored, 'AgentSpawned');
  const expected = data && birthOf(data, tree);
  if (data === undefined || expected === undefined) return undefined;
  if (hashOf(expected) === hashOf(bornWith(data))) return undefined;
  const reason = 'the parent reserved something else';
  return { revision: stored.revision, reason, recorded: { type: 'AgentSpawned', data } as const };
}

async function endedOtherwise(stored: StoredEvent, tree: TreeLog) {
  const told = dataOf(stored, 'ChildEnded');
  if (told === undefined) return undefined;
  const { revision } = stored;
  const ends = await endsOf(told.childId, tree);
  if (ends === undefined || ends.some((end) => hashOf(end) === hashOf(told))) return undefined;
  const expected = ends[0] && ({ type: 'ChildEnded', data: ends[0] } as const);
  const recorded = { type: 'ChildEnded', data: told } as const;
  return { revision, recorded, expected, reason: 'the child ended otherwise' };
}

function bornWith({ spec, limits, depth }: AgentEventData<'AgentSpawned' | 'ChildReserved'>) {
  return { spec, limits, depth };
}

function birthOf({ agentId, parentId }: AgentEventData<'AgentSpawned'>, { agents }: TreeLog) {
  const parent = parentId === undefined ? undefined : agents.get(parentId);
  const reserved = parent?.stored
    .map((stored) => dataOf(stored, 'ChildReserved'))
    .find((data) => data?.childId === agentId);
  return reserved && bornWith(reserved);
}

/** What the parent may have been told: the child's account is settled on while its last calls come in. */
async function endsOf(
  childId: AgentId,
  { agents }: TreeLog,
): Promise<AgentEventData<'ChildEnded'>[] | undefined> {
  const child = agents.get(childId);
  if (child === undefined) return undefined;
  const { decider } = agentStreamModel;
  const ends: AgentEventData<'ChildEnded'>[] = [];
  let state: AgentState = decider.initialState;
  let row: AgentRow | undefined;
  let hasEnded = false;
  for (const stored of child.stored) {
    await pauseForOthers();
    state = decider.evolve(state, agentStreamModel.read(stored));
    row = nextRow(row, stored);
    hasEnded ||= endsAgent(stored);
    if (!hasEnded || !isSpawned(state)) continue;
    const { output, partial, failure } = row ?? {};
    ends.push(childEndOf(state, { output: output ?? partial, failure }));
  }
  if (state.phase !== 'refused') return ends;
  return [{ childId, status: 'terminated', spent: NOTHING_SPENT }];
}
