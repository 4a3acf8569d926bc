import type { z } from 'zod';

/** An event as it stands in the log, in the shape of its version. */
export interface StoredShape {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}

/** A shape that no new event has any more, and what makes the next version's data of it. */
export interface RetiredVersion {
  readonly schema: z.ZodType;
  readonly upcast: (data: never) => unknown;
}

/** `upcast` is pure and total over the schema: it sees whatever was ever stored in that shape. */
export function retiredVersion<Schema extends z.ZodType, Next>(
  schema: Schema,
  upcast: (data: z.infer<Schema>) => Next,
): RetiredVersion {
  return { schema, upcast };
}

/** All stored versions of a family of events: the newest schemas, and the retired ones of a type, oldest first. */
export class StoredEvents<Type extends string> {
  constructor(
    private readonly newest: Readonly<Record<Type, z.ZodType>>,
    private readonly retired: { readonly [T in Type]?: readonly RetiredVersion[] } = {},
  ) {}

  /** The version that new events of this type are written with, from 1. */
  versionOf(type: Type): number {
    return this.retiredOf(type).length + 1;
  }

  /** The frozen shape of one version; undefined when this program knows no such version. */
  schemaOf(type: string, version: number): z.ZodType | undefined {
    if (!this.knows(type)) return undefined;
    const retired = this.retiredOf(type);
    return version === retired.length + 1 ? this.newest[type] : retired[version - 1]?.schema;
  }

  /**
   * The event in its newest shape. Trusts the data of a known type and version: it was validated by whoever wrote it.
   *
   * @throws Error that names a type or version which this program does not know
   */
  read({ type, version, data }: StoredShape): { readonly type: Type; readonly data: unknown } {
    if (!this.knows(type) || this.schemaOf(type, version) === undefined) {
      throw new Error(`unknown stored event ${type} v${version}`);
    }
    const steps = this.retiredOf(type).slice(version - 1);
    return { type, data: steps.reduce((read, { upcast }) => upcast(read as never), data) };
  }

  private knows(type: string): type is Type {
    return Object.hasOwn(this.newest, type);
  }

  private retiredOf(type: Type): readonly RetiredVersion[] {
    return this.retired[type] ?? [];
  }
}
