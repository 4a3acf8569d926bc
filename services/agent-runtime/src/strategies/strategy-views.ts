import type { ListedStrategy } from '@skynet/contracts';
import { z } from 'zod';
import { allStrategies } from './shipped/strategies.js';

interface Described {
  readonly description?: string;
  readonly default?: unknown;
}

/** All strategies that there are, with what may be said of each. */
export function viewStrategies(): ListedStrategy[] {
  return allStrategies().map(({ name, about, parameters }) => {
    const { properties = {} } = z.toJSONSchema(parameters, { io: 'input' });
    return {
      name,
      about,
      parameters: Object.entries(properties).map(([parameter, schema]) => {
        const { description = '', default: standard } = schema as Described;
        return {
          name: parameter,
          about: description,
          ...(standard !== undefined && { default: standard }),
        };
      }),
    };
  });
}
