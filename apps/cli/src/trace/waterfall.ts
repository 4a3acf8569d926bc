import type { ShownEvent } from '@skynet/client';
import { agentEnds } from '@skynet/contracts';

export type PieceKind = 'queue' | 'run' | 'chat' | 'tool' | 'wait';

/** A stretch of an agent's life, as its log tells it. */
export interface Piece {
  readonly kind: PieceKind;
  readonly name: string;
  readonly startMs: number;
  /** Absent while it goes on. */
  readonly endMs?: number;
  readonly failed: boolean;
}

/** Of pieces that begin together, what holds the others stands first. */
const RANK: Record<PieceKind, number> = { queue: 0, wait: 1, run: 2, chat: 3, tool: 4 };

interface OpenPiece {
  readonly kind: PieceKind;
  readonly name: string;
  readonly startMs: number;
}

const STARTS_WAIT: ReadonlySet<string> = new Set(['AgentParked']);
const ENDS_RUN: ReadonlySet<string> = new Set([
  'AgentParked',
  'RunYielded',
  ...Object.keys(agentEnds),
]);
const QUEUES: ReadonlySet<string> = new Set(['AgentSpawned', 'AgentWoken', 'RunYielded']);

/** Where the time of one agent went, in order of beginning. */
export function piecesOf(events: readonly ShownEvent[]): Piece[] {
  const open = new Map<string, OpenPiece>();
  const pieces: Piece[] = [];
  const begin = (key: string, piece: OpenPiece) => open.set(key, piece);
  const end = (key: string, endMs: number, failed = false) => {
    const piece = open.get(key);
    if (piece === undefined) return;
    open.delete(key);
    pieces.push({ ...piece, endMs, failed });
  };
  for (const event of events) {
    const atMs = Date.parse(event.time);
    for (const key of endedBy(event)) end(key, atMs, isFailure(event));
    for (const [key, piece] of begunBy(event)) begin(key, { ...piece, startMs: atMs });
  }
  for (const piece of open.values()) pieces.push({ ...piece, failed: false });
  return pieces.sort((a, b) => a.startMs - b.startMs || RANK[a.kind] - RANK[b.kind]);
}

function begunBy({ type, data }: ShownEvent): [string, Omit<OpenPiece, 'startMs'>][] {
  const begun: [string, Omit<OpenPiece, 'startMs'>][] = [];
  if (QUEUES.has(type)) begun.push(['queue', { kind: 'queue', name: 'queued' }]);
  if (STARTS_WAIT.has(type)) {
    begun.push(['wait', { kind: 'wait', name: `waiting for ${textOf(data['waitingFor'])}` }]);
  }
  if (type === 'RunStarted')
    begun.push(['run', { kind: 'run', name: `run ${textOf(data['epoch'])}` }]);
  if (type === 'ModelCallStarted') {
    const what = data['purpose'] === 'compaction' ? ' (summary)' : '';
    const name = `chat ${textOf(data['model'])}${what}`;
    begun.push([keyOf(data['callId']), { kind: 'chat', name }]);
  }
  if (type === 'ToolCallStarted') {
    begun.push([
      keyOf(data['toolCallId']),
      { kind: 'tool', name: `tool call ${textOf(data['toolCallId'])}` },
    ]);
  }
  return begun;
}

function endedBy({ type, data }: ShownEvent): string[] {
  const ended: string[] = [];
  if (type === 'ModelCallSettled') ended.push(keyOf(data['callId']));
  if (type === 'ToolCallSettled' || type === 'ToolCallInDoubt') {
    ended.push(keyOf(data['toolCallId']));
  }
  if (type === 'AgentAdmitted') ended.push('queue');
  if (type === 'AgentWoken') ended.push('wait');
  if (ENDS_RUN.has(type)) ended.push('run');
  if (type.startsWith('Agent') && ENDS_RUN.has(type) && type !== 'AgentParked') {
    ended.push('queue', 'wait');
  }
  return ended;
}

function isFailure({ type, data }: ShownEvent): boolean {
  if (type === 'AgentFailed' || type === 'ToolCallInDoubt') return true;
  if (data['isError'] === true) return true;
  const outcome = data['outcome'] as { readonly kind?: string } | undefined;
  return outcome?.kind === 'failed' || outcome?.kind === 'lost';
}

function keyOf(id: unknown): string {
  return `call ${textOf(id)}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
