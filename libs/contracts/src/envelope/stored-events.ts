import type { z } from 'zod';
import { UnknownEventError, UnreadableEventError } from './stored-event-errors.js';

/** An event as it stands in the log, in the shape of its version. */
export interface StoredShape {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}

type Schemas = Readonly<Record<string, z.ZodType>>;

/** Events as the domain knows them: `{ type, data }`, a union over all types. */
export type EventOf<Newest extends Schemas> = {
  [Type in keyof Newest & string]: {
    readonly type: Type;
    readonly data: z.infer<Newest[Type]>;
  };
}[keyof Newest & string];

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
export class StoredEvents<Newest extends Schemas> {
  constructor(
    private readonly newest: Newest,
    private readonly retired: {
      readonly [Type in keyof Newest & string]?: readonly RetiredVersion[];
    } = {},
  ) {}

  /** All types of the family. */
  get types(): readonly (keyof Newest & string)[] {
    return Object.keys(this.newest);
  }

  /** The version that new events of this type are written with, from 1. */
  versionOf(type: keyof Newest & string): number {
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
   * @throws UnknownEventError when this program does not know the type or version
   * @throws UnreadableEventError when the data is none of that type and version
   */
  read({ type, version, data }: StoredShape): EventOf<Newest> {
    if (!this.knows(type)) throw new UnknownEventError(type, version, false);
    const retired = this.retiredOf(type);
    if (!Number.isInteger(version) || version < 1 || version > retired.length + 1) {
      throw new UnknownEventError(type, version, version > retired.length + 1);
    }
    if (typeof data !== 'object' || data === null) throw new UnreadableEventError(type, version);
    if (version > retired.length) return { type, data } as EventOf<Newest>;
    try {
      const steps = retired.slice(version - 1);
      const read = steps.reduce<unknown>((before, { upcast }) => upcast(before as never), data);
      return { type, data: read } as EventOf<Newest>;
    } catch (error) {
      throw new UnreadableEventError(type, version, { cause: error });
    }
  }

  /**
   * As `read`, and trusts nothing: for what comes from a log that others can write to.
   *
   * @throws UnknownEventError when this program does not know the type or version
   * @throws UnreadableEventError when the data is none of that type and version
   */
  readUntrusted(stored: StoredShape): EventOf<Newest> {
    const event = this.read(stored);
    const { type, version, data } = stored;
    const checked = this.schemaOf(type, version)?.safeParse(data);
    if (checked?.success === true) return event;
    throw new UnreadableEventError(type, version, { cause: checked?.error });
  }

  private knows(type: string): type is keyof Newest & string {
    return Object.hasOwn(this.newest, type);
  }

  private retiredOf(type: keyof Newest & string): readonly RetiredVersion[] {
    return this.retired[type] ?? [];
  }
}
