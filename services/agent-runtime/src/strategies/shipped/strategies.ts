import { asMeant, rejection, type RequestedStrategy } from '@skynet/contracts';
import type { Refused } from '@skynet/kernel';
import { z } from 'zod';
import type { Strategy } from '../contract/strategy.port.js';
import { shippedStrategies } from './table.js';

/** A strategy as an agent keeps it: nothing is left to a default of later. */
export interface ChosenStrategy {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Undefined when there is none of that name. */
export function strategyNamed(name: string): Strategy | undefined {
  return shippedStrategies.get(name);
}

export function allStrategies(): readonly Strategy[] {
  return [...shippedStrategies.values()];
}

/** With all its parameters, or why it can not be used. */
export function chooseStrategy({
  name,
  parameters = {},
}: RequestedStrategy): ChosenStrategy | Refused {
  const found = strategyNamed(name);
  if (found === undefined) {
    const names = [...shippedStrategies.keys()].join(', ');
    return refused(`There is no strategy ${name}; known: ${names}.`);
  }
  const read = found.parameters.safeParse(asMeant(found.parameters, parameters));
  if (read.success) return { name, parameters: read.data };
  const known = Object.keys(found.parameters.shape).join(', ');
  return refused(`The strategy ${name} takes ${known}: ${z.prettifyError(read.error)}`);
}

function refused(message: string): Refused {
  return { refused: rejection('INVALID_ARGUMENTS', message) };
}
