import { rejection, type AgentEvent, type AgentEventData } from '@skynet/contracts';
import { accept, nothingToDo, reject, type Decision, type Rejection } from '@skynet/kernel';
import type { AgentCommandOf } from '../agent/agent-command.js';
import {
  isLive,
  isSpawned,
  type AgentState,
  type Board,
  type SpawnedAgent,
} from '../agent/agent-state.js';
import { textBytes } from '../agent/conversation.js';
import { emptyBoard, turnOf } from '../evolution/board.js';

const MAX_KEYS = 256;
const MAX_VALUE_BYTES = 16 * 1024;
/** Of all keys and values together. */
const MAX_BOARD_BYTES = 256 * 1024;

type Write = Pick<AgentEventData<'BoardWritten'>, 'key' | 'value'>;

/** Each call writes once, and only where the key has the version that the writer knows. */
export function writeBoard(
  { data }: AgentCommandOf<'WriteBoard'>,
  state: AgentState,
): Decision<AgentEvent> {
  if (!isSpawned(state)) return reject(rejection('AGENT_NOT_FOUND', 'There is no such agent.'));
  const { board = emptyBoard } = state;
  if (isOver(board, data)) return nothingToDo();
  const { expectedVersion, ...written } = data;
  const known = versionOf(board, data.key);
  const refused = ended(state) ?? conflict(data, known) ?? noRoom(board, data);
  if (refused !== undefined) return reject(refused);
  if (data.value === undefined && known === 0) return nothingToDo();
  return accept({ type: 'BoardWritten', data: { ...written, version: board.version + 1 } });
}

/** 0: the key is not there. */
function versionOf({ keys }: Board, key: string): number {
  return keys.find((known) => known.key === key)?.version ?? 0;
}

function ended(state: SpawnedAgent): Rejection | undefined {
  if (isLive(state)) return undefined;
  return rejection('AGENT_ALREADY_ENDED', `${state.spawned.agentId} is ${state.phase}`);
}

function conflict(
  { key, expectedVersion: expected }: AgentCommandOf<'WriteBoard'>['data'],
  known: number,
): Rejection | undefined {
  if (expected === undefined || expected === known) return undefined;
  return rejection('BOARD_CONFLICT', `${key} has version ${known}, not ${expected}`);
}

/** A repeat, or late: its agent has made writes in a later turn, and so knows what became of this one. */
function isOver({ turns }: Board, { by, toolCallId }: AgentCommandOf<'WriteBoard'>['data']) {
  const own = turns.find(({ agentId }) => agentId === by);
  if (own === undefined || turnOf(toolCallId) > own.turn) return false;
  return (
    turnOf(toolCallId) < own.turn || own.writes.some((known) => known.toolCallId === toolCallId)
  );
}

/** Taking a key off always has room. */
function noRoom(board: Board, write: Write): Rejection | undefined {
  const full = tooMuch(board, write);
  return full === undefined ? undefined : rejection('LIMIT_BOARD', full);
}

function tooMuch({ keys }: Board, { key, value }: Write): string | undefined {
  if (value === undefined) return undefined;
  const bytes = textBytes(value);
  if (bytes > MAX_VALUE_BYTES) {
    return `a value of ${bytes} bytes is over ${MAX_VALUE_BYTES}`;
  }
  const others = keys.filter((known) => known.key !== key);
  if (others.length >= MAX_KEYS) return `the board has ${others.length} keys, as many as it may`;
  const all = [...others, { key, value }].reduce((sum, one) => sum + bytesOf(one), 0);
  if (all <= MAX_BOARD_BYTES) return undefined;
  return `the board would have ${all} bytes, over ${MAX_BOARD_BYTES}`;
}

function bytesOf({ key, value = '' }: Write): number {
  return textBytes(key) + textBytes(value);
}
