import type { Price, RequestedLimits } from '@skynet/contracts';
import type { z } from 'zod';

/** What an agent may still use, itself and for those below it. */
export interface Left {
  readonly tokens: number;
  readonly costMicroUsd: number;
  readonly seconds: number;
  /** Agents that it may have below it at once, beside those that live. */
  readonly children: number;
  /** Agents that it may ever have below it. */
  readonly descendants: number;
  /** Levels below it. */
  readonly depth: number;
}

export interface Titled {
  readonly title: string;
  readonly text: string;
}

/** A piece of work for one agent of its own. */
export interface Part extends Titled {
  /** Names it among the parts of its stage. */
  readonly key: string;
  /** Results of others that it is told; cut to what its budget can read. */
  readonly about?: readonly Titled[];
  readonly expected?: string;
  readonly template?: string;
  readonly model?: string;
}

/** What came of a part: a text, or what went wrong. */
export interface PartResult {
  readonly key: string;
  readonly title: string;
  readonly status: string;
  readonly text?: string;
  readonly problem?: string;
}

/** One turn that was taken. */
export interface Step {
  readonly stage: string;
  /** What the model said, or the reason that was given. */
  readonly text: string;
  /** In the order of the parts. Of a turn that asked the model: none. */
  readonly results: readonly PartResult[];
}

export interface StrategyView<Parameters = unknown> {
  readonly parameters: Parameters;
  /** The agent's own, without the schema of its answer. */
  readonly task: string;
  /** What its answer has to look like, in words; absent when any text will do. */
  readonly form?: string;
  /** Since the task was given, in order. */
  readonly steps: readonly Step[];
  readonly left: Left;
  /** Of the agent's model. */
  readonly price: Price;
}

export type StrategyTurn =
  | {
      /** Agents work on these parts at once; the next turn comes when all have ended. */
      readonly kind: 'spawn';
      readonly stage: string;
      readonly reason: string;
      readonly parts: readonly Part[];
      /** Of each. */
      readonly limits: RequestedLimits;
    }
  | {
      /** The agent's own model says something, and the next turn comes. */
      readonly kind: 'think';
      readonly stage: string;
      readonly reason: string;
      readonly instruction: string;
      readonly results: readonly Titled[];
    }
  | {
      /** What the agent's own model says is its answer. */
      readonly kind: 'answer';
      readonly instruction: string;
      readonly results: readonly Titled[];
      /** What is not in the results, and why. */
      readonly missing: readonly string[];
    }
  | {
      /** This is the answer; the model is asked only when it is not taken. */
      readonly kind: 'say';
      readonly text: string;
      readonly missing: readonly string[];
    }
  | {
      /** The agent goes on as one without a strategy, and spawns nobody. */
      readonly kind: 'alone';
      readonly reason: string;
    };

/** How a task is split among agents, and how what they bring is joined. */
export interface Strategy {
  readonly name: string;
  /** One line, for who chooses. */
  readonly about: string;
  /** What may be said of it, each with a default. */
  readonly parameters: z.ZodObject;
  /**
   * Decides the next turn, by nothing but the view: it is decided again when a worker dies, and when a log is verified. With
   * nothing left it answers, or lets the agent work alone.
   */
  next(view: StrategyView): StrategyTurn | Promise<StrategyTurn>;
}

/** A strategy whose parameters are known by type. */
export function strategy<Parameters extends z.ZodObject>(
  given: Omit<Strategy, 'parameters' | 'next'> & {
    readonly parameters: Parameters;
    readonly next: (view: StrategyView<z.infer<Parameters>>) => StrategyTurn;
  },
): Strategy {
  const { next, ...rest } = given;
  return { ...rest, next: (view) => next(view as StrategyView<z.infer<Parameters>>) };
}
