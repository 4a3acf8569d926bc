import type { SpawnedAgent } from './agent/agent-state.js';
import { entryBytes, type ConversationEntry } from './agent/conversation.js';

/**
 * Stands for the shape of the state and for how events are folded into it. A test computes it from the golden histories:
 * whoever changes either changes this, and snapshots of before are not read any more.
 */
export const AGENT_STATE_SCHEMA =
  '038b156c36bac29545bebc6a019a1f647a4b9e199afae749906cd72cb427f9c4';

/** A page of the conversation is full with so many bytes. */
const PAGE_BYTES = 256 * 1024;

type Plain<State> = {
  readonly [Field in keyof State]: State[Field] extends ReadonlyMap<infer Key, infer Value>
    ? readonly (readonly [Key, Value])[]
    : State[Field] extends ReadonlySet<infer Item>
      ? readonly Item[]
      : State[Field];
};

/** A state as plain data: the conversation in pages, the rest of it in the head. */
export interface AgentSnapshot {
  readonly head: Plain<SpawnedAgent> & { readonly entries: number };
  /** They never change once full, until the conversation is compacted. */
  readonly pages: readonly (readonly ConversationEntry[])[];
  /** How often it was. */
  readonly generation: number;
}

export function stateToSnapshot(state: SpawnedAgent): AgentSnapshot {
  const { pages, rest } = paged(state.conversation);
  const head = {
    ...state,
    toolCalls: [...state.toolCalls],
    awaits: [...state.awaits],
    children: [...state.children],
    handled: [...state.handled],
    conversation: rest,
    entries: state.conversation.length,
  };
  return { head, pages, generation: state.compactions ?? 0 };
}

/** @throws Error when the parts do not belong together */
export function snapshotToState({
  head,
  pages,
}: Pick<AgentSnapshot, 'head' | 'pages'>): SpawnedAgent {
  const { entries, ...plain } = head;
  const conversation = [...pages.flat(), ...plain.conversation];
  if (conversation.length !== entries) {
    throw new Error(`${conversation.length} of ${entries} entries of the conversation are there`);
  }
  return {
    ...plain,
    conversation,
    toolCalls: new Map(plain.toolCalls),
    awaits: new Map(plain.awaits),
    children: new Map(plain.children),
    handled: new Set(plain.handled),
  };
}

function paged(conversation: readonly ConversationEntry[]) {
  const pages: ConversationEntry[][] = [];
  let rest: ConversationEntry[] = [];
  let bytes = 0;
  for (const entry of conversation) {
    rest.push(entry);
    bytes += entryBytes(entry);
    if (bytes < PAGE_BYTES) continue;
    pages.push(rest);
    rest = [];
    bytes = 0;
  }
  return { pages, rest };
}
