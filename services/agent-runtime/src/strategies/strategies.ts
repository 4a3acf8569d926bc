import { resolve } from 'node:path';
import { asMeant, rejection, type RequestedStrategy } from '@skynet/contracts';
import type { Refused } from '@skynet/kernel';
import { z } from 'zod';
import type { CurrentRegistry } from '../registry/registry-source.js';
import type { Strategy } from './contract/strategy.port.js';
import { shippedStrategies } from './shipped/table.js';
import { strategyOf, urlOf } from './strategy-module.js';

/** A strategy as an agent keeps it: nothing is left to a default of later. */
export interface ChosenStrategy {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Those that come with the product, and modules that the registry names. */
export class Strategies {
  /** By URL. */
  private readonly loaded = new Map<string, Promise<Strategy>>();

  constructor(private readonly registry?: CurrentRegistry) {}

  /**
   * Undefined when there is none of that name.
   *
   * @throws Error when its module is no strategy
   */
  async find(name: string): Promise<Strategy | undefined> {
    const known = shippedStrategies.get(name);
    const current = this.registry?.current;
    const entries = current?.strategies ?? {};
    if (known !== undefined || current === undefined || !Object.hasOwn(entries, name)) return known;
    const file = resolve(current.folder, entries[name]?.module ?? '');
    const url = urlOf(file);
    const before = this.loaded.get(url);
    if (before !== undefined) return before;
    const loading = strategyOf(name, file);
    this.loaded.set(url, loading);
    loading.catch(() => this.loaded.delete(url));
    return loading;
  }

  /** With all its parameters, or why it can not be used. */
  async choose({ name, parameters = {} }: RequestedStrategy): Promise<ChosenStrategy | Refused> {
    try {
      const found = await this.find(name);
      return found === undefined ? this.unknown(name) : withParameters(found, parameters);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return refused(`The strategy ${name} can not be used: ${why}.`);
    }
  }

  private unknown(name: string): Refused {
    const own = Object.keys(this.registry?.current.strategies ?? {});
    const why = this.registry?.current.refused[`strategies.${name}`];
    if (why !== undefined) {
      return refused(`The strategy ${name} is left out of the registry: ${why}.`);
    }
    const names = [...shippedStrategies.keys(), ...own].join(', ');
    return refused(`There is no strategy ${name}; known: ${names}.`);
  }
}

function withParameters(
  { name, parameters: schema }: Strategy,
  parameters: Readonly<Record<string, unknown>>,
): ChosenStrategy | Refused {
  const read = schema.safeParse(asMeant(schema, parameters));
  if (read.success) return { name, parameters: read.data };
  const known = Object.keys(schema.shape).join(', ') || 'no parameters';
  return refused(`The strategy ${name} takes ${known}: ${z.prettifyError(read.error)}`);
}

function refused(message: string): Refused {
  return { refused: rejection('INVALID_ARGUMENTS', message) };
}
