import type { Price } from '@skynet/contracts';

/** What of a task a model is chosen by. */
export interface TaskFacts {
  /** What is asked for and its context; of a long one the beginning is looked at. */
  readonly text: string;
  readonly expectedOutput?: string;
  /** Its answer has to fit a JSON Schema. */
  readonly isStructured: boolean;
  /** Tools of servers that it was granted. */
  readonly grants: number;
  /** Whether it may have agents below it. */
  readonly leads: boolean;
  /** 0 for a root. */
  readonly depth: number;
  /** It is known to get images to see. */
  readonly hasImages: boolean;
  /** UTF-8 bytes of its first request, tools included. */
  readonly requestBytes: number;
  /** Most tokens of one answer. */
  readonly maxTokens: number;
  /** Money that it may spend. */
  readonly costMicroUsd: number;
}

/** 1: small; 2: middle; 3: large. */
export type Skill = 1 | 2 | 3;

/** What became of agents with this model that had the same template. */
export interface MeasuredModel {
  readonly agents: number;
  readonly failed: number;
  /** Of each, by itself. Absent where it is not known. */
  readonly meanCostMicroUsd?: number;
  readonly meanMs: number;
  /** Of one call of the model. Absent where it is not known. */
  readonly meanCallMs?: number;
}

/** A model that may be chosen. */
export interface Candidate {
  readonly id: string;
  readonly skill: Skill;
  /** Undefined when nobody knows it. */
  readonly price: Price | undefined;
  readonly maxTokens: number;
  /** Absent when nobody knows. */
  readonly contextTokens?: number;
  readonly sees: boolean;
  readonly callsTools: boolean;
  readonly isStructured: boolean;
  /** Why it is not to be had, whatever the task. */
  readonly absence?: string;
  readonly measured?: MeasuredModel;
}

export type Preference = 'cost' | 'balanced' | 'quality';
