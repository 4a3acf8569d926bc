import { hashOf } from '@skynet/platform';
import type { ModelTool } from '../models/model.port.js';

/** What a tool adds to every request. */
export interface ToolWeight {
  readonly bytes: number;
  readonly hash: string;
}

const weights = new WeakMap<ModelTool, ToolWeight>();

/** Size and hash of a tool's definition, worked out once for each definition. */
export function weigh(tool: ModelTool): ToolWeight {
  const known = weights.get(tool);
  if (known !== undefined) return known;
  const { serverSays: _inInstructions, ...sent } = tool;
  const weight = { bytes: Buffer.byteLength(JSON.stringify(sent)), hash: hashOf(tool) };
  weights.set(tool, weight);
  return weight;
}
