import { payloadRefSchema, type AgentId, type Text } from '@skynet/contracts';

/** Where large texts are read and kept. */
export interface Texts {
  readonly read: (text: Text) => Promise<string>;
  readonly store: (text: string) => Promise<Text>;
}

/** A copy with the ids of agents changed in every text, in the log or beside it. */
export async function renameAll<Value>(
  value: Value,
  means: Texts & { readonly renamed: ReadonlyMap<AgentId, AgentId> },
): Promise<Value> {
  const { renamed, read, store } = means;
  const rename = (text: string): string =>
    [...renamed].reduce((all, [before, after]) => all.replaceAll(before, after), text);
  const copy = async (inner: unknown): Promise<unknown> => {
    if (typeof inner === 'string') return rename(inner);
    if (typeof inner !== 'object' || inner === null) return inner;
    if (Array.isArray(inner)) return Promise.all(inner.map(copy));
    const ref = payloadRefSchema.safeParse(inner);
    if (ref.success) {
      const text = await read(ref.data);
      const changed = rename(text);
      return changed === text ? inner : store(changed);
    }
    const entries = Object.entries(inner).map(async ([key, field]) => [key, await copy(field)]);
    return Object.fromEntries((await Promise.all(entries)) as [string, unknown][]);
  };
  return (await copy(value)) as Value;
}
