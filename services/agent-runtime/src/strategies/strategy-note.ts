import { z } from 'zod';
import { objectInJson } from '../output/parsed-json.js';
import type { Left } from './contract/strategy.port.js';

const amount = z.number();

const noteSchema = z.object({
  strategy: z.string(),
  /** Turns before this one. */
  turn: z.int().nonnegative(),
  stage: z.string(),
  left: z.object({
    tokens: amount,
    costMicroUsd: amount,
    seconds: amount,
    children: amount,
    descendants: amount,
    depth: amount,
  }),
  /** One for each agent that was asked for, in their order. */
  parts: z.array(z.object({ key: z.string(), title: z.string() })),
});

/** What a strategy's turn was decided on; it stands in the log beside the turn, where models keep their thinking. */
export type StrategyNote = z.infer<typeof noteSchema>;

/** Undefined for what no strategy wrote. */
export function readNote(thinking: string | undefined): StrategyNote | undefined {
  if (thinking?.startsWith('{"strategy":') !== true) return undefined;
  return noteSchema.safeParse(objectInJson(thinking)).data;
}

/** The same note is always the same text. */
export function writeNote(note: StrategyNote): string {
  return JSON.stringify(noteSchema.parse(note));
}

/** A turn that has no note was decided when the agent was done: it is decided the same with nothing left. */
export const NOTHING_LEFT: Left = {
  tokens: 0,
  costMicroUsd: 0,
  seconds: 0,
  children: 0,
  descendants: 0,
  depth: 0,
};
