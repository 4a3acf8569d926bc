import type { Text } from '@skynet/contracts';
import type { ToolCall } from '@skynet/domain-agents';
import { meantArguments } from './meant-arguments.js';

/** A call of a model's answer as it is kept, and what its arguments say; no input when they are no JSON object. */
export async function readCall(
  { name, arguments: written }: { readonly name: string; readonly arguments: string },
  id: string,
  keep: (text: string) => Promise<Text>,
): Promise<{ readonly call: ToolCall; readonly input?: Readonly<Record<string, unknown>> }> {
  const meant = meantArguments(written);
  const { input, repaired } = meant ?? {};
  if (repaired === undefined) return { call: { id, name, arguments: await keep(written) }, input };
  const [json, repairedFrom] = await Promise.all([keep(repaired), keep(written)]);
  return { call: { id, name, arguments: json, repairedFrom }, input };
}
