import { z } from 'zod';
import { NO_PINS, type DatedDefinition, type Pins } from './pins.js';

/** Characters of definitions that are kept for each server, of those that are pinned and of those that wait: for the eyes of operators. */
const MAX_TEXT_CHARS = 64 * 1_024;

const definition = z.object({ hash: z.string(), sinceMs: z.number(), text: z.string().optional() });

const storedPinsSchema = z.object({
  version: z.literal(1),
  tools: z.array(
    z.object({ name: z.string(), pinned: definition.optional(), waiting: definition.optional() }),
  ),
});
/** The pins of one server as they are stored. */
export type StoredPins = z.infer<typeof storedPinsSchema>;

/** The pins in their stored form: all hashes, and texts as far as there is room. */
export function toStored(pins: Pins): StoredPins {
  const shorten = { pinned: withinRoom(), waiting: withinRoom() };
  const tools = [...pins].map(([name, { pinned, waiting }]) => ({
    name,
    pinned: shorten.pinned(pinned),
    waiting: shorten.waiting(waiting),
  }));
  return { version: 1, tools };
}

/** Undefined for what this release can't read: then nobody knows what is pinned. */
export function fromStored(stored: unknown): Pins | undefined {
  if (stored === undefined) return NO_PINS;
  const { success, data } = storedPinsSchema.safeParse(stored);
  return success ? new Map(data.tools.map(({ name, ...pin }) => [name, pin])) : undefined;
}

function withinRoom() {
  let left = MAX_TEXT_CHARS;
  return (definition: DatedDefinition | undefined): DatedDefinition | undefined => {
    if (definition?.text === undefined) return definition;
    const { text, ...bare } = definition;
    if (text.length > left) return bare;
    left -= text.length;
    return definition;
  };
}
