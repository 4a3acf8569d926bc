import type { FactoryProvider, InjectionToken, Type } from '@nestjs/common';

declare const provided: unique symbol;

/** Names something that Nest provides, and says what it is. */
export type Token<Value> = symbol & { readonly [provided]?: Value };

/** A class names its instance. */
type Key<Value> = Token<Value> | Type<Value>;

type Keys = Readonly<Record<string, Key<unknown>>>;

/** What Nest provides under these keys, by the names that they are given here. */
type Provided<Parts extends Keys> = {
  readonly [Name in keyof Parts]: Parts[Name] extends Key<infer Value> ? Value : never;
};

export function token<Value>(name: string): Token<Value> {
  return Symbol(name);
}

/** Provides what is made of other provided parts, each matched by its name. */
export function provide<Value, Parts extends Keys>(
  key: Key<Value>,
  parts: Parts,
  make: (parts: Provided<Parts>) => Value | Promise<Value>,
): FactoryProvider<Value> {
  const names = Object.keys(parts);
  const inject: InjectionToken[] = Object.values(parts);
  return {
    provide: key,
    inject,
    useFactory: (...values: unknown[]) =>
      make(
        Object.fromEntries(names.map((name, index) => [name, values[index]])) as Provided<Parts>,
      ),
  };
}

/** What an application provides under the key. */
export function providedBy<Value>(
  application: { get(key: InjectionToken): unknown },
  key: Key<Value>,
): Value {
  return application.get(key) as Value;
}
