import type { ListedStrategy } from '@skynet/contracts';
import { z } from 'zod';
import { shippedStrategies } from './shipped/table.js';

interface Described {
  readonly description?: string;
  readonly default?: unknown;
}

/** Those that come with the product, with what may be said of each. */
export function viewStrategies(): ListedStrategy[] {
  return [...shippedStrategies.values()].map(({ name, about, parameters }) => {
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
