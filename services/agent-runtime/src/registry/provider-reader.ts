import { readEntry, type Mistake, type ReadEntry } from './entries/entry-reader.js';
import { isObject } from './entries/placed-json.js';
import { COMPATIBLE } from './provider-of.js';
import { providerSchema, type ProviderEntry } from './registry.config.js';
import { withVariables, type ValueSources } from './entries/variables.js';

/** What others call our keys. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  baseUrl: 'url',
  baseURL: 'url',
  base_url: 'url',
  api_base: 'url',
  api_key: 'apiKey',
  key: 'apiKey',
};
const ANTHROPIC = 'anthropic';
const INSTEAD: Readonly<Record<string, string>> = {
  url: 'Set ANTHROPIC_BASE_URL.',
  apiKey: 'Set ANTHROPIC_API_KEY, or ANTHROPIC_API_KEY_FILE.',
  headers: 'They can not be set.',
  allowPrivate: 'Set ANTHROPIC_ALLOW_PRIVATE.',
  price: 'Name it in the entries of its models.',
};
const WITH_VALUES = ['url', 'apiKey', 'headers'];
const NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** Reads an entry of `providers`: limits of a provider, and where it is. */
export function readProvider(
  name: string,
  given: unknown,
  sources: ValueSources,
): ReadEntry<ProviderEntry> {
  if (name === COMPATIBLE) return { mistakes: [NO_ENDPOINT] };
  if (!isObject(given)) return readEntry(providerSchema, given);
  const raw = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [OTHER_NAMES[key] ?? key, value]),
  );
  const fields = Object.entries(raw).filter(([key]) => WITH_VALUES.includes(key));
  const { value, mistakes } = withVariables(Object.fromEntries(fields), sources);
  // A value that is missing would only show again as one that is wrong.
  if (mistakes.length > 0) return { mistakes };
  const { entry, mistakes: ofEntry } = readEntry(providerSchema, { ...raw, ...(value as object) });
  const { url } = entry ?? {};
  if (url !== undefined && !NAME.test(name)) return { mistakes: [WRONG_NAME] };
  if (name === ANTHROPIC) return { entry, mistakes: [...ofEntry, ...unreadOf(raw)] };
  const isBare = url !== undefined && new URL(url).pathname === '/';
  return { entry, mistakes: [...ofEntry, ...(isBare ? [BARE_URL] : [])] };
}

/** Its URL and key stand in the environment, and its models have prices of their own. */
function unreadOf(raw: Readonly<Record<string, unknown>>): Mistake[] {
  const unread = Object.keys(raw).filter((key) => Object.hasOwn(INSTEAD, key));
  return unread.map((key) => ({
    path: [key],
    cause: 'nothing reads this key of anthropic',
    next: INSTEAD[key] ?? '',
    severity: 'warning',
  }));
}

const NO_ENDPOINT: Mistake = {
  path: [],
  cause: 'each endpoint has an entry of its own',
  next: 'Call it by the name of the endpoint, as in openai-compatible:<name>/<model>.',
  severity: 'refused',
};

const WRONG_NAME: Mistake = {
  path: [],
  cause: 'the name can not be used',
  next: 'Names of endpoints have up to 64 letters, digits and . _ -',
  severity: 'refused',
};

const BARE_URL: Mistake = {
  path: ['url'],
  cause: 'it has no path',
  next: 'Most APIs begin at /v1.',
  severity: 'warning',
};
