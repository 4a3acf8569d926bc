/** A fact or a request: a name and its data. Events are named in the past tense, commands in the imperative. */
export interface Message<Type extends string, Data> {
  readonly type: Type;
  readonly data: Data;
}

/** The message of a union that carries the given name. */
export type MessageOf<
  Union extends { readonly type: string },
  Type extends Union['type'],
> = Extract<Union, { readonly type: Type }>;
