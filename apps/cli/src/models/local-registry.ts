import type { LocalServer } from './local-servers.js';

/** Names of models that answer no chat; most servers list them with the others. */
const NO_CHAT = /embed|rerank|whisper|\bbge\b/i;
const FREE = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };

/** A registry as the operator may write it. */
export interface LocalRegistry {
  readonly defaultModel: string;
  readonly providers: Readonly<
    Record<string, { readonly url: string; readonly price: typeof FREE }>
  >;
}

/** By its name. */
export function canChat(model: string): boolean {
  return !NO_CHAT.test(model);
}

/** As a spawn names a model of a server here. */
export function localModelId(server: string, model: string): string {
  return `openai-compatible:${server}/${model}`;
}

/** All servers as endpoints without a price, the first model that can chat as default; undefined when there is none. */
export function localRegistry(servers: readonly LocalServer[]): LocalRegistry | undefined {
  const [defaultModel] = servers.flatMap(({ name, models }) =>
    models.filter(canChat).map((id) => localModelId(name, id)),
  );
  if (defaultModel === undefined) return undefined;
  const entries = servers.map(({ name, url }) => [name, { url, price: FREE }] as const);
  return { defaultModel, providers: Object.fromEntries(entries) };
}
