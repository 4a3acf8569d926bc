import type { Price } from '@skynet/contracts';
import type { Skill } from '@skynet/domain-agents';

/** As vendors call the sizes of their models. */
const SMALL = /haiku|nano|flash-lite|mini(?:stral)?-\d+b|small|tiny|-[1-9]b\b/i;
const MIDDLE = /sonnet|mini|flash|medium/i;
const LARGE = /opus|fable|mythos|pro\b|large|gpt-5/i;

/** US dollars for a million tokens of output below which a model is small, and below which it is a middle one. */
const SMALL_BELOW = 2;
const MIDDLE_BELOW = 12;

/** How able a model is, by its name, else by its price: it is all that is known without having asked it. */
export function knownSkill(id: string, price: Price | undefined): Skill {
  const name = id.slice(id.indexOf(':') + 1);
  if (SMALL.test(name)) return 1;
  if (MIDDLE.test(name)) return 2;
  if (LARGE.test(name)) return 3;
  const dollars = (price?.outputMicroUsdPerMillion ?? 0) / 1_000_000;
  if (dollars < SMALL_BELOW) return 1;
  return dollars < MIDDLE_BELOW ? 2 : 3;
}
