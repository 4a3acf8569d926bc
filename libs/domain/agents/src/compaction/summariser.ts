import type { SpawnedAgent } from '../agent/agent-state.js';
import { requestTokens, SUMMARY_REQUEST_BYTES } from './request-size.js';

/**
 * The agent as whoever writes its summary: with the model for that, unless this has failed for the summary under way or its
 * window is too small.
 */
export function summariserOf(state: SpawnedAgent, promptBytes: number): SpawnedAgent {
  const model = state.spawned.spec.compactionModel;
  if (model === undefined || state.failedSummariser === true) return state;
  const { contextTokens, ...asked } = model;
  const tokens = requestTokens(state, promptBytes + SUMMARY_REQUEST_BYTES) + model.maxTokens;
  if (contextTokens !== undefined && tokens > contextTokens) return state;
  return { ...state, model: asked };
}

/** The agent as it is asked by its open call: as itself, or as who writes its summary. */
export function askedAs(state: SpawnedAgent): SpawnedAgent {
  const { compactionModel } = state.spawned.spec;
  if (state.modelCall?.isByOther !== true || compactionModel === undefined) return state;
  const { contextTokens: _window, ...model } = compactionModel;
  return { ...state, model };
}
