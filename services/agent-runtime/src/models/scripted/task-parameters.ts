import { z } from 'zod';
import type { ScriptContext } from './script.js';

/** Parameters that a scripted model takes from its task; bad ones fail the call with what was expected. */
export function parseTask<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  context: Pick<ScriptContext, 'fail'>,
): z.infer<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return context.fail(`the task must be JSON, not ${JSON.stringify(text.slice(0, 80))}`);
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : context.fail(z.prettifyError(parsed.error));
}
