/** A full tree of agents; depth 1 is a single agent. */
export interface TreeShape {
  readonly depth: number;
  readonly fanOut: number;
}

/** What a tree answers: how many it was. */
export interface TreeAnswer {
  readonly leaves: number;
  readonly agents: number;
}

/** A tree that a system has taken. */
export interface TakenTree {
  /** Resolves when the system tells that the root has ended. */
  ended(): Promise<void>;
  /** What the root answered; call it after `ended`. */
  answer(): Promise<TreeAnswer>;
}

export type Tenant = 'first' | 'second';

/** A system under measurement, with stores and processes of its own. */
export interface BenchedSystem {
  readonly name: string;
  readonly version: string;
  /** What survives a loss of power, in a few words. */
  readonly durability: string;
  /** Its processes, this one not. */
  pids(): Readonly<Record<string, number>>;
  /** Resolves when the system has taken the tree and will not lose it; a system without tenants knows one only. */
  submit(shape: TreeShape, tenant?: Tenant): Promise<TakenTree>;
  /** The same, resolved when the tree has ended; of a system that takes a tree and tells of its end in one call. */
  run?(shape: TreeShape, tenant?: Tenant): Promise<Pick<TakenTree, 'answer'>>;
  /** Ends all of it. Safe to repeat. */
  readonly stop: () => Promise<void>;
}

/** A name of a system on the command line. */
export const systemNames = ['ours', 'bullmq', 'restate', 'temporal'] as const;
export type SystemName = (typeof systemNames)[number];

export const benchTree: TreeShape = { depth: 3, fanOut: 3 };
export const singleAgent: TreeShape = { depth: 1, fanOut: 3 };

/** What a tree of this shape must answer. */
export function answerOf({ depth, fanOut }: TreeShape): TreeAnswer {
  let agents = 0;
  for (let level = 0; level < depth; level += 1) agents += fanOut ** level;
  return { leaves: fanOut ** (depth - 1), agents };
}
